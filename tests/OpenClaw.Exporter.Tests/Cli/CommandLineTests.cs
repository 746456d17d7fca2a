using System.CommandLine;
using System.Diagnostics;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Problems;

namespace OpenClaw.Exporter.Tests;

/// <summary>The readings of a command of the exporter, with and without a running server.</summary>
public class CommandLineTests
{
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(8);

    [Fact]
    public async Task A_command_asks_once_and_does_not_wait_for_an_interval()
    {
        var start = Stopwatch.GetTimestamp();

        var diagnosis = await DiagnoseAsync(
            "--openclaw.status-command=echo Runtime: healthy",
            "--openclaw.health-url=http://127.0.0.1:1/health"
        );

        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, Soon);
        Assert.True(diagnosis.Snapshot.Get<RuntimeStatus>().Value.IsHealthy);
        Assert.False(diagnosis.Snapshot.Get<GatewayHealth>().Value.IsHealthy);
    }

    [Fact]
    public async Task A_command_takes_nothing_from_the_log_of_a_server()
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("log");
        await ChildProcess.Start(new("mkfifo", [path])).WaitForExitAsync(TestContext.Current.CancellationToken);
        await using var fifo = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        fifo.Write("Error Code: clw-port-conflict\n"u8);
        fifo.Flush();

        _ = await DiagnoseAsync($"--openclaw.log={path}");

        var reading = Task.Run(() => fifo.Read(new byte[100]), TestContext.Current.CancellationToken);
        Assert.Equal(30, await reading.WaitAsync(Soon, TestContext.Current.CancellationToken));
    }

    static Task<Diagnosis> DiagnoseAsync(params string[] arguments)
    {
        var root = new RootCommand();
        foreach (var flag in ExporterFlags.All.Concat(CollectorFlags.All))
            root.Options.Add(flag);
        return ExporterServer.DiagnoseAsync(root.Parse(arguments), TimeSpan.Zero);
    }
}
