using System.Diagnostics;
using System.Globalization;
using System.Text;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>
/// A user without inotify instances, and the remedy that follows from the words of Node. The limit is the machine's: it
/// is raised for a moment, and restored.
/// </summary>
[Collection(WholeMachine.Name)]
public class InotifyRemedyTests
{
    /// <summary>A user with no other process.</summary>
    const string User = "60321";

    const string Sysctl = "/proc/sys/fs/inotify/max_user_instances";

    [Fact]
    public async Task The_printed_command_cures()
    {
        using var netns = new PrivateNamespace();
        var before = await File.ReadAllTextAsync(Sysctl, TestContext.Current.CancellationToken);
        var holder = netns.Start(
            AsUser(
                "perl",
                "-e",
                """
                my $call = (POSIX::uname())[4] eq "aarch64" ? 26 : 294; my $count = 0; $| = 1;
                $count++ while syscall($call, 0) >= 0; print "$count\n"; <STDIN>;
                """,
                "-MPOSIX"
            )
        );
        Assert.Equal(before.Trim(), await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        var (code, words) = await WatchAsync(netns);
        Assert.NotEqual(0, code);
        Assert.Contains("EMFILE: too many open files, watch", words, StringComparison.Ordinal);

        var remedy = RemedyOf(words);

        try
        {
            var change = Assert.IsType<SysctlChange>(Assert.Single(remedy.Changes));
            Assert.Equal(before.Trim(), change.Old);
            _ = netns.Command("bash", "-c", remedy.Command!);
            Assert.Equal((0, ""), await WatchAsync(netns));
        }
        finally
        {
            await File.WriteAllTextAsync(Sysctl, before, CancellationToken.None);
        }

        // The other command of the advice shows who has them. It fails where it may not look into some process.
        var look = remedy.Advice[remedy.Advice.IndexOf("find ", StringComparison.Ordinal)..].Split(" lists")[0];
        var listed = netns.Command("bash", "-c", $"{look} || true");
        Assert.Equal(
            int.Parse(before, CultureInfo.InvariantCulture),
            listed.Split('\n').Count(line => line.StartsWith($"/proc/{holder.Id}/fd/", StringComparison.Ordinal))
        );
    }

    static ProcessStartInfo AsUser(params IEnumerable<string> command) =>
        new(
            InstalledProgram.Find("prlimit"),
            ["--nofile=4096:4096", "setpriv", $"--reuid={User}", $"--regid={User}", "--clear-groups", .. command]
        )
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

    /// <summary>Watches a file as Node does; returns the exit code and what it writes.</summary>
    static async Task<(int Code, string Words)> WatchAsync(PrivateNamespace netns)
    {
        var node = netns.Start(AsUser("node", "-e", "require('fs').watch('/proc/version', () => {}).close()"));
        var words = await node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (node.ExitCode, words);
    }

    /// <summary>Returns the remedy after a log got some words.</summary>
    static Remedy RemedyOf(string words)
    {
        var log = new ClwLog(TimeProvider.System);
        ReaderRun[] Run() =>
            [
                new FunctionReader<ClwErrors>("openclaw_log", "", _ => log.Errors).RunHere(),
                new FunctionReader<FileNr>("file_nr", "", static _ => FileNr.Read(new ProcMount())).RunHere(),
            ];
        var now = DateTimeOffset.UtcNow;
        var earlier = Diagnosis.Judge(new Snapshot(now, [.. Run()])).Timeline;
        log.Append(Encoding.UTF8.GetBytes(words));
        log.EndFile();
        var diagnosis = Diagnosis.Judge(new Snapshot(now.AddSeconds(15), [.. Run()]), earlier: earlier);
        return diagnosis.Problems.Single(static problem => problem.Name == "clw_errors_total").Remedy;
    }
}
