using System.Globalization;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>The limit of open files by a system call and by the kernel's table.</summary>
public class ProcessLimitTests
{
    [Theory]
    [InlineData("77", "99")]
    [InlineData("1024", "4096")]
    public void The_call_gives_what_the_table_gives(string soft, string hard)
    {
        using var netns = new PrivateNamespace();
        var process = netns.Start(
            new("prlimit", [$"--nofile={soft}:{hard}", "sh", "-c", "echo ready; exec sleep 600"])
            {
                RedirectStandardOutput = true,
            }
        );
        Assert.Equal("ready", process.StandardOutput.ReadLine());
        var table = new ProcMount().Read($"{process.Id}/limits", ProcessLimits.Parse).Value;

        var asked = ProcessLimits.Read(process.Id).Value;

        Assert.Equal(table, asked);
        Assert.Equal(soft, asked.OpenFilesSoft?.ToString(CultureInfo.InvariantCulture));
        process.Kill();
        process.WaitForExit();
        Assert.Equal(Outcome.Gone, ProcessLimits.Read(process.Id).Outcome);
    }

    /// <summary>A container that mounts the machine's procfs has other ids than it.</summary>
    [Fact]
    public void Ids_of_another_namespace_are_told_from_own_ones()
    {
        using var folder = new TemporaryFolder();
        var proc = new ProcMount(folder.PathOf(""));
        Assert.True(PidNamespace.IsOwn(new()));
        Assert.False(PidNamespace.IsOwn(proc));
        using var netns = new PrivateNamespace();

        // The command reads the procfs of this process, from a pid namespace of its own.
        var status = netns.Command("unshare", "--pid", "--fork", "cat", "/proc/self/status");

        folder.Write("self/status", status);
        Assert.Matches("\nNSpid:\t[0-9]+\t1\n", status);
        Assert.False(PidNamespace.IsOwn(proc));
    }
}
