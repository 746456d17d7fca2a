namespace OpenClaw.Exporter.Pools;

/// <summary>What helps when a pool runs out, computed from the reading.</summary>
/// <param name="Advice">What to do, as a sentence.</param>
/// <param name="Command">The command that changes the running system; null when no command helps.</param>
/// <param name="Persistence">The line that keeps the change across a reboot or restart; null when there is none.</param>
/// <param name="File">Where that line belongs.</param>
/// <param name="NeedsRestart">Whether the process must be started again before the persistent line counts.</param>
/// <param name="Warning">Where the usual advice hurts; null when it does not.</param>
sealed record Remedy(
    string Advice,
    string? Command = null,
    string? Persistence = null,
    string? File = null,
    bool NeedsRestart = false,
    string? Warning = null)
{
    const string SysctlFile = "/etc/sysctl.d/90-openclaw.conf";

    /// <summary>A remedy that sets one sysctl.</summary>
    public static Remedy Sysctl(string advice, string key, string value, string? warning = null) => new(
        advice,
        value.Contains(' ', StringComparison.Ordinal) ? $"sysctl -w {key}=\"{value}\"" : $"sysctl -w {key}={value}",
        $"{key} = {value}",
        SysctlFile,
        Warning: warning);
}
