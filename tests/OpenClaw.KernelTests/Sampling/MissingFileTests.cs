using System.Diagnostics;

namespace OpenClaw.KernelTests;

/// <summary>The published binary does not get a file that every Linux has. strace(1) hides it.</summary>
public class MissingFileTests
{
    [Theory]
    [InlineData("/proc/thread-self/net/snmp", "UDP receive buffer errors could not be read")]
    [InlineData("/proc/thread-self/net/netstat", "Listen overflows could not be read")]
    [InlineData("/proc/thread-self/net/dev", "Interface drops could not be read")]
    [InlineData("/proc/thread-self/net/softnet_stat", "Softnet drops could not be read")]
    public async Task A_file_that_every_Linux_has_is_unknown_with_its_reason(string file, string words)
    {
        using var netns = new PrivateNamespace();

        var (exit, text) = await RunAsync(netns, ["diagnose", "--no-probe", "--no-collector.processes"], Without(file));

        Assert.Equal(3, exit);
        Assert.StartsWith("UNKNOWN: Cannot tell whether a resource is exhausted.", text, StringComparison.Ordinal);
        Assert.Contains($"{words}: {file}: No such file or directory", text, StringComparison.Ordinal);
    }

    /// <summary>An old kernel or a module that is not loaded.</summary>
    [Theory]
    [InlineData("/proc/thread-self/net/snmp6")]
    [InlineData("/proc/thread-self/net/stat/nf_conntrack")]
    public async Task A_file_that_some_lack_is_no_gap(string file)
    {
        using var netns = new PrivateNamespace();

        var (exit, text) = await RunAsync(netns, ["diagnose", "--no-probe", "--no-collector.processes"], Without(file));

        Assert.StartsWith("OK: ", text, StringComparison.Ordinal);
        Assert.Equal(0, exit);
    }

    /// <summary>A lost mount of procfs does not show that connection tracking is off.</summary>
    [Fact]
    public async Task An_empty_procfs_shows_no_absence()
    {
        using var netns = new PrivateNamespace();
        using var folder = new TemporaryFolder();

        var (exit, text) = await RunAsync(netns, ["status", $"--path.procfs={folder.PathOf("")}", "--no-probe"]);

        Assert.Equal(3, exit);
        Assert.Contains("Connection Tracking unknown", text, StringComparison.Ordinal);
    }

    static string[] Without(string file) =>
        [
            InstalledProgram.Find("strace"),
            "-f",
            "-qqq",
            "-o",
            "/dev/null",
            "-e",
            "trace=openat",
            "-P",
            file,
            "-e",
            "inject=openat:error=ENOENT",
        ];

    static async Task<(int Exit, string Text)> RunAsync(PrivateNamespace netns, string[] verb, params string[] before)
    {
        string[] command =
        [
            .. before,
            Repository.PublishedExporter,
            .. verb,
            "--netns=self",
            "--no-collector.kernel_log",
        ];
        var process = netns.Start(
            new ProcessStartInfo(command[0], command[1..])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        );
        _ = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var text = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, string.Join(' ', text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)));
    }
}
