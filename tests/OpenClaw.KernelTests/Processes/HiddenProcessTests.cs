using System.Diagnostics;

namespace OpenClaw.KernelTests;

/// <summary>An exporter in a PID namespace of its own, as in a container, that shows no process outside.</summary>
public class HiddenProcessTests
{
    const string Words = "processes outside this container are hidden (--pid=host or hostPID: true shows them)";

    /// <summary>With the network of the machine, their descriptors and ports are asked for.</summary>
    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task In_the_network_namespace_of_the_machine_hidden_processes_are_unknown(
        bool hasOwnNetwork,
        bool isUnknown
    )
    {
        Assert.SkipUnless(File.Exists("/proc/sys/net/ipv4/tcp_mem"), "needs the network namespace of the machine");
        string[] network = hasOwnNetwork ? ["--net"] : [];
        using var exporter = ChildProcess.Start(
            new ProcessStartInfo(
                "unshare",
                [
                    "--pid",
                    "--fork",
                    "--kill-child",
                    "--mount-proc",
                    .. network,
                    Repository.PublishedExporter,
                    "diagnose",
                    "--netns=self",
                    "--no-probe",
                    "--observe=0s",
                ]
            )
            {
                RedirectStandardOutput = true,
            }
        );

        var text = await exporter.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        await exporter.WaitForExitAsync(TestContext.Current.CancellationToken);
        var line = string.Join(' ', text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(isUnknown, line.Contains(Words, StringComparison.Ordinal));
        Assert.NotEqual(isUnknown, exporter.ExitCode == 0);
    }
}
