using System.Diagnostics;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Metrics;

namespace OpenClaw.KernelTests;

/// <summary>
/// Runs the runbooks' commands as they are written, beside a running exporter: nobody should have to correct them at
/// night.
/// </summary>
public partial class RunbookCommandTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static TheoryData<string> Commands =>
        [
            .. Directory
                .GetFiles(Repository.PathOf("alerts/runbooks"), "*.md")
                .SelectMany(static file => File.ReadAllText(file).Split("```sh\n")[1..])
                .SelectMany(static block =>
                    block[..block.IndexOf("```", StringComparison.Ordinal)]
                        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                )
                .Distinct(),
        ];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task It_runs(string command)
    {
        // A server gets its own namespace, where no other uses its port. The machine's sysctls do not exist there.
        var asksExporter = command.Contains("localhost:10087", StringComparison.Ordinal);
        var asksGateway = command.Contains($"127.0.0.1:{FakeGateway.Port}", StringComparison.Ordinal);
        using var netns = asksExporter || asksGateway ? new PrivateNamespace() : null;
        using var exporter = asksExporter ? await PublishedExporter.StartAsync(netns!) : null;
        using var gateway = asksGateway ? new FakeGateway(netns!) : null;
        var start = new ProcessStartInfo("/bin/sh", ["-c", command])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var folder = Path.GetDirectoryName(Repository.PublishedExporter);
        start.Environment["PATH"] = $"{folder}:{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin";
        using var late = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        late.CancelAfter(Patience);
        using var onMachine = netns is null ? ChildProcess.Start(start) : null;
        var process = onMachine ?? netns!.Start(start);
        var output = process.StandardOutput.ReadToEndAsync(late.Token);
        var errors = await process.StandardError.ReadToEndAsync(late.Token);
        await process.WaitForExitAsync(late.Token);

        // Both commands of the exporter exit with the worst condition, and other tests may fill pools meanwhile. A
        // healthy machine lacks some series and kernel messages, so grep finds nothing and exits with 1.
        var isSearch = command.Contains("| grep ", StringComparison.Ordinal);
        var isDiagnosis = command.StartsWith("openclaw-exporter ", StringComparison.Ordinal);
        var worst = (isSearch, isDiagnosis) switch
        {
            (true, _) => 1,
            (_, true) => 3,
            _ => 0,
        };
        Assert.True(process.ExitCode <= worst && errors.Length == 0, $"{command}: exit {process.ExitCode}\n{errors}");
        if (!isSearch && command != "ip netns list")
            Assert.NotEmpty(await output);
        if (Metric().Match(command) is { Success: true } metric)
            Assert.Contains(MetricCatalogue.All, family => family.Name == metric.Groups[1].Value);
    }

    [GeneratedRegex("grep (openclaw_network_\\w+)")]
    private static partial Regex Metric();
}
