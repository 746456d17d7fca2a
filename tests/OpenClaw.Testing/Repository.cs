namespace OpenClaw.Testing;

/// <summary>The checkout that the tests were built from.</summary>
static class Repository
{
    /// <summary>The top folder.</summary>
    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    /// <summary>The published Native AOT binary, as <c>tests/run</c> builds it.</summary>
    public static string PublishedExporter
    {
        get
        {
            var path = PathOf("artifacts/publish/OpenClaw.Exporter/release/openclaw-exporter");
            return File.Exists(path)
                ? path
                : throw new FileNotFoundException(
                    $"{path}: publish first (tests/run does): dotnet publish src/OpenClaw.Exporter -c Release"
                );
        }
    }

    /// <summary>The shipped alert rules.</summary>
    public static string Rules => File.ReadAllText(PathOf("alerts/openclaw-network.rules.yml"));

    /// <summary>
    /// The shipped rules, except that a page about a full pool resolves after about 36 seconds instead of nine minutes.
    /// Only its range and keep_firing_for are shorter.
    /// </summary>
    public static string QuickRules =>
        Rules
            .Replace("{severity=\"critical\"}[3m]", "{severity=\"critical\"}[12s]", StringComparison.Ordinal)
            .Replace("keep_firing_for: 6m", "keep_firing_for: 24s", StringComparison.Ordinal);

    /// <summary>The full path of a file of the checkout.</summary>
    public static string PathOf(string relative) => Path.Combine(Root, relative);

    static string FindRoot(string folder) =>
        File.Exists(Path.Combine(folder, "OpenClaw.Exporter.sln"))
            ? folder
            : FindRoot(
                Path.GetDirectoryName(folder)
                    ?? throw new DirectoryNotFoundException("not inside a checkout of OpenClaw.Exporter")
            );
}
