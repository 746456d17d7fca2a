using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

/// <summary>A dump walks the connections of the whole machine, so it has to have a reason.</summary>
public sealed class TrackedConnectionsReaderTests
{
    readonly SteppedClock _clock = new();
    readonly TrackedConnectionsReader _reader;
    int _dumps;
    int _error;

    public TrackedConnectionsReaderTests() =>
        _reader = new(
            new ProcMount("/nowhere"),
            _ =>
            {
                _dumps++;
                return TranslatedConnections.Kernel(7, 20, _error);
            },
            _clock
        );

    [Fact]
    public void Without_a_failure_nothing_is_asked()
    {
        var run = Run(failed: 0, count: 500);

        Assert.Equal((Outcome.NotAsked, 0), (run.Reading.Outcome, _dumps));
        Assert.Null(run.Failure);
    }

    /// <summary>Unread failures are not called none.</summary>
    [Fact]
    public void Where_failures_are_unknown_it_does_not_say_that_nothing_fails()
    {
        var pass = SamplingPass.Run(
            [_reader],
            Deadline.After(TimeSpan.FromSeconds(5)),
            null,
            new ConntrackTable(1, (Reading<long?>)1000L)
        );

        var missing = Assert.Single(pass.Runs()).Failure
            ?? ((ReaderRun<TrackedConnections>)pass.Runs()[0]).Reading.Missing;
        Assert.Equal(TrackedConnections.FailuresUnknown, missing);
        Assert.NotEqual(TrackedConnections.NothingFails, missing);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 501)]
    public void A_failure_and_a_table_above_half_are_reasons_to_ask(long failed, long count)
    {
        Assert.Equal(7, Assert.Single(Run(failed, count).Reading.Value.Translated.Groups).Used);
        Assert.Equal(1, _dumps);
    }

    [Fact]
    public void It_asks_once_a_minute_until_five_minutes_after_the_last_rise()
    {
        foreach (
            var (second, failed, dumps, outcome) in new[]
            {
                (0, 1, 1, Outcome.Value),
                (59, 2, 1, Outcome.Value),
                (60, 2, 2, Outcome.Value),
                (358, 2, 3, Outcome.Value),
                (359, 2, 3, Outcome.NotAsked),
                (900, 2, 3, Outcome.NotAsked),
                (901, 3, 4, Outcome.Value),
            }
        )
        {
            _clock.Advance(TimeSpan.FromSeconds(second) - _clock.GetElapsedTime(0));
            Assert.Equal((outcome, dumps), (Run(failed, 0).Reading.Outcome, _dumps));
        }
    }

    /// <summary>The counters of a new namespace begin anew, whose inode an earlier one had.</summary>
    [Fact]
    public void Lower_counters_are_a_first_look()
    {
        _ = Run(failed: 9, count: 0);
        _clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(Outcome.NotAsked, Run(failed: 9, count: 0).Reading.Outcome);

        Assert.Equal(Outcome.Value, Run(failed: 1, count: 0).Reading.Outcome);
    }

    [Fact]
    public void Without_the_capability_it_is_unseen_but_only_when_it_has_to_ask()
    {
        _error = Errno.EPERM;

        Assert.Equal(Outcome.NotAsked, Run(failed: 0, count: 0).Reading.Outcome);
        var missing = Run(failed: 1, count: 0).Failure!;
        Assert.Equal(Absence.NotPermitted, missing.Reason);
        Assert.StartsWith(
            "connection tracking and its address translation: ctnetlink, IPCTNL_MSG_CT_GET: ",
            missing.Detail,
            StringComparison.Ordinal
        );
    }

    /// <summary>The failures of a first look may be old. A command takes only first looks.</summary>
    [Fact]
    public void Without_the_capability_old_failures_make_nothing_unknown()
    {
        _error = Errno.EPERM;

        Assert.Equal(Outcome.NotAsked, Run(failed: 9, count: 0).Reading.Outcome);
        Assert.Equal(Outcome.NotAsked, Run(failed: 9, count: 0).Reading.Outcome);
        Assert.Equal(Absence.NotPermitted, Run(failed: 10, count: 0).Failure!.Reason);
        Assert.Equal(Absence.NotPermitted, Run(failed: 10, count: 0).Failure!.Reason);
    }

    ReaderRun<TrackedConnections> Run(long failed, long count)
    {
        var pass = SamplingPass.Run(
            [_reader],
            Deadline.After(TimeSpan.FromSeconds(5)),
            null,
            new ConntrackFailures(0, 0, failed, 0, 0),
            new ConntrackTable(count, (Reading<long?>)1000L)
        );
        return (ReaderRun<TrackedConnections>)Assert.Single(pass.Runs());
    }
}
