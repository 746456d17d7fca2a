using System.Diagnostics;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>Any user can start processes with megabytes of arguments.</summary>
public class LongCommandLineTests
{
    /// <summary>The kernel's limit on one argument is 128 KiB (MAX_ARG_STRLEN).</summary>
    const int Argument = 120 * 1024;

    [Fact]
    public void Only_the_start_of_a_command_line_is_read()
    {
        using var netns = new PrivateNamespace();
        var process = Start(netns, arguments: 15);
        Assert.InRange(File.ReadAllBytes($"/proc/{process.Id}/cmdline").Length, 15 * Argument, int.MaxValue);

        var name = ProcessName.Read(new ProcMount(), process.Id).Value;

        Assert.InRange(name.CommandLine.Length, 1000, ProcMount.StartLength);
        Assert.Contains("sleep 600", name.CommandLine, StringComparison.Ordinal);
        Assert.Equal(InstalledProgram.Find("perl"), name.Programs[0]);
    }

    /// <summary>Eighty of them have 140 MB of arguments together. The reading takes some kilobytes of each.</summary>
    [Fact]
    public void Many_of_them_cost_what_others_cost()
    {
        using var netns = new PrivateNamespace();
        var processes = Enumerable.Range(0, 80).Select(_ => Start(netns, arguments: 15)).ToList();
        var reader = new ProcessTableReader(new ProcMount(), new("openclaw"), TimeProvider.System);

        var (failure, allocated) = netns.Run(() =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            return (reader.RunHere().Failure, GC.GetAllocatedBytesForCurrentThread() - before);
        });

        Assert.Null(failure);
        Assert.InRange(allocated, 1, 16 * 1024 * 1024);
        Assert.All(processes, static process => Assert.False(process.HasExited));
    }

    static Process Start(PrivateNamespace netns, int arguments)
    {
        var process = netns.Start(
            new(
                InstalledProgram.Find("perl"),
                [
                    "-e",
                    "$| = 1; print qq(ready\\n); sleep 600",
                    .. Enumerable.Repeat(new string('x', Argument), arguments),
                ]
            )
            {
                RedirectStandardOutput = true,
            }
        );
        Assert.Equal("ready", process.StandardOutput.ReadLine());
        return process;
    }
}
