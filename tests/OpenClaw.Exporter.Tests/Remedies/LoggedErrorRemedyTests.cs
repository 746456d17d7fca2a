using System.Text;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>The remedies of errors in the OpenClaw log that no full pool explains.</summary>
public class LoggedErrorRemedyTests
{
    const string Watch = "Error: EMFILE: too many open files, watch '/srv/openclaw.json'";
    const string Watches = "Error: ENOSPC: System limit for number of file watchers reached, watch '/srv'";
    const string Taken = "listen EADDRINUSE: address already in use 127.0.0.1:18789";

    static readonly DateTimeOffset Start = new(2026, 12, 1, 3, 0, 0, TimeSpan.Zero);

    readonly ClwLog _log = new(TimeProvider.System);
    Timeline? _timeline;

    [Theory]
    [InlineData(Watch, "No inotify instance was left for the user", "sysctl -w fs.inotify.max_user_instances=1024")]
    [InlineData(Watches, "No inotify watch was left for the user", "sysctl -w fs.inotify.max_user_watches=1000000")]
    [InlineData("spawn /bin/sh EAGAIN", "The kernel refused a new process", null)]
    [InlineData("spawn EBADF", "A process had as many open files as its own limit", null)]
    [InlineData("Error: ENFILE: file table overflow, open '/etc/x'", "The whole machine had as many open files", null)]
    [InlineData(Taken, "Another program has the port", null)]
    [InlineData("read ECONNRESET", "OpenClaw itself reports this error", null)]
    [InlineData("[OpenClaw Error]\nError Code: clw-resource-limit", "OpenClaw itself reports this error", null)]
    public void The_call_in_the_log_tells_which_resource_it_lacked(string line, string advice, string? command)
    {
        var problem = ProblemAfter(line);

        Assert.StartsWith(advice, problem.Remedy.Advice, StringComparison.Ordinal);
        Assert.Equal(command, problem.Remedy.Command);
        Assert.DoesNotContain("OpenClaw may report", Verdicts.Headline(problem), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_resources_of_one_code_have_both_remedies()
    {
        var problem = ProblemAfter($"{Watch}\n{Watches}\n{Watch}");

        Assert.Equal(
            "sysctl -w fs.inotify.max_user_instances=1024 fs.inotify.max_user_watches=1000000",
            problem.Remedy.Command
        );
    }

    /// <summary>The operator comes minutes later.</summary>
    [Fact]
    public void The_remedy_stays_while_the_error_is_recent()
    {
        _ = ProblemAfter(Watch);
        _ = ProblemAt(60);

        var problem = ProblemAt(240);

        Assert.Equal(Phase.Over, problem.Phase);
        Assert.Equal("sysctl -w fs.inotify.max_user_instances=1024", problem.Remedy.Command);
    }

    Problem ProblemAfter(string lines)
    {
        Assert.Empty(DiagnoseAt(0).Problems);
        _log.Append(Encoding.UTF8.GetBytes(lines + "\n"));
        _log.EndFile();
        return ProblemAt(15);
    }

    Problem ProblemAt(double second) => Assert.Single(DiagnoseAt(second).Problems);

    Diagnosis DiagnoseAt(double second)
    {
        var files = new FileNr(1, 1000) { InotifyInstances = 128, InotifyWatches = 500_000 };
        var snapshot = new Snapshot(
            Start.AddSeconds(second),
            [
                new FunctionReader<ClwErrors>("openclaw_log", "", _ => _log.Errors).RunHere(),
                new FunctionReader<FileNr>("file_nr", "", _ => files).RunHere(),
            ]
        );
        var diagnosis = Diagnosis.Judge(snapshot, earlier: _timeline);
        _timeline = diagnosis.Timeline;
        return diagnosis;
    }
}
