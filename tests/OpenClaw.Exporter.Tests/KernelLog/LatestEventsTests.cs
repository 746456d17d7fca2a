using OpenClaw.Kernel.KernelLog;

namespace OpenClaw.Exporter.Tests;

public class LatestEventsTests
{
    static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    /// <summary>
    /// The first event is logged again, so neither the first nor the newest entry is the one to be dropped.
    /// </summary>
    [Fact]
    public void The_event_logged_longest_ago_is_forgotten_first()
    {
        var events = new LatestEvents();
        for (var i = 0; i < LatestEvents.AtMost; i++)
            events.Note(KernelLogKind.ConntrackTableFull, (ulong)i, Start.AddSeconds(i));
        events.Note(KernelLogKind.ConntrackTableFull, 0, Start.AddSeconds(LatestEvents.AtMost));
        events.Note(KernelLogKind.SynFlooding, null, Start.AddSeconds(LatestEvents.AtMost + 1));

        Assert.Equal(
            [
                (null, LatestEvents.AtMost + 1),
                (0UL, LatestEvents.AtMost),
                .. Enumerable.Range(2, LatestEvents.AtMost - 2).Select(static i => ((ulong?)i, i)).Reverse(),
            ],
            events
                .ToArray()
                .OrderByDescending(static seen => seen.LastSeen)
                .Select(static seen => (seen.NetworkNamespace, (int)(seen.LastSeen - Start).TotalSeconds))
        );
    }

    [Fact]
    public void An_event_that_is_older_than_all_is_not_kept_beside_them()
    {
        var events = new LatestEvents();
        for (var i = 0; i <= LatestEvents.AtMost; i++)
            events.Note(KernelLogKind.ConntrackTableFull, (ulong)i, Start.AddSeconds(-i));

        Assert.DoesNotContain(events.ToArray(), static seen => seen.NetworkNamespace == LatestEvents.AtMost);
    }
}
