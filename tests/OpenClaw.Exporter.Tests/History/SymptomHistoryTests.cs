using System.Collections.Immutable;
using System.Text;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Counters;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.KernelLog;
using OpenClaw.Kernel.Probe;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>The time that a symptom was failing in the last five minutes, as rules read it.</summary>
public class SymptomHistoryTests
{
    static readonly DateTimeOffset Start = new(2026, 11, 26, 3, 0, 0, TimeSpan.Zero);

    Timeline _timeline = Timeline.Empty;

    /// <summary>The 15-second slots are the same for every scraper and interval.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(15)]
    public void Lasting_failures_are_counted_in_quarter_minutes(int seconds)
    {
        var times = new List<(int Second, double? Failing)>();
        for (var second = 0; second <= 900; second += seconds)
            times.Add((second, FailingAt(second, Overflows(1 + (Math.Clamp(second, 60, 600) / 15)))));

        Assert.All(times.Where(static time => time.Second <= 60), static time => Assert.Null(time.Failing));
        Assert.Equal(
            [15.0, 30, 45, 60],
            times.Where(static time => time.Second is 75 or 90 or 105 or 120).Select(static time => time.Failing)
        );
        Assert.All(times.Where(static time => time.Second is >= 375 and <= 600), static time =>
            Assert.InRange(time.Failing!.Value, 270, 300)
        );
        Assert.All(times.Where(static time => time.Second is > 600 and <= 780), static time =>
            Assert.InRange(time.Failing!.Value, 120, 300)
        );
        Assert.All(times.Where(static time => time.Second > 795), static time => Assert.Null(time.Failing));
    }

    /// <summary>Prometheus scrapes every 15 seconds, with a jitter of some milliseconds.</summary>
    [Fact]
    public void A_slightly_early_scrape_counts()
    {
        for (var i = 0; i <= 20; i++)
        {
            var failing = DiagnosisAt(15 * i - (i % 2 * 0.02), Overflows(1 + i))
                .RecentFailures.SingleOrDefault()
                ?.Time.TotalSeconds;
            Assert.Equal(i == 0 ? null : 15 * i, failing);
        }
    }

    [Theory]
    [InlineData(60)]
    [InlineData(75)]
    [InlineData(90)]
    public void A_recurring_failure_stays_visible(int every)
    {
        for (var second = 0; second <= 1800; second += 15)
        {
            var failing = FailingAt(second, Overflows(1 + (second / every)));
            if (second >= 3 * every)
                Assert.InRange(failing!.Value, 45, 300);
        }
    }

    /// <summary>A burst touches one or two slots, and an alert needs three.</summary>
    [Fact]
    public void A_burst_is_one_quarter_of_a_minute_or_two()
    {
        Assert.Null(FailingAt(0, Overflows(5)));
        Assert.Equal(15, FailingAt(15, Overflows(500)));
        Assert.Equal(30, FailingAt(30, Overflows(505)));
        Assert.Equal(30, FailingAt(45, Overflows(505)));
        Assert.Equal(30, FailingAt(210, Overflows(505)));
        Assert.Null(FailingAt(211, Overflows(505)));
    }

    [Fact]
    public void A_counter_that_begins_again_says_nothing_and_one_that_is_late_what_it_said()
    {
        Assert.Null(FailingAt(0, Overflows(500)));
        Assert.Null(FailingAt(15, Overflows(3)));
        Assert.Equal(15, FailingAt(30, Overflows(4)));
        Assert.Equal(
            15,
            FailingAt(45, new FunctionReader<TcpExtCounters>("", "", static _ => new Missing(Absence.TimedOut, "")))
        );
        Assert.Null(
            FailingAt(45, new FunctionReader<TcpExtCounters>("", "", static _ => new Missing(Absence.NotPresent, "")))
        );
        Assert.Equal(30, FailingAt(60, Overflows(9)));
    }

    /// <summary>A counter is compared with its last reading that had a value.</summary>
    [Fact]
    public void A_rise_across_readings_that_failed_is_seen()
    {
        _ = DiagnosisAt(0, Overflows(500));
        foreach (var second in (int[])[15, 30, 45, 60])
            Assert.Empty(DiagnosisAt(second, Late()).Symptoms);

        var diagnosis = DiagnosisAt(75, Overflows(540));

        var rise = Assert.Single(diagnosis.Symptoms);
        Assert.Equal((40, TimeSpan.FromSeconds(75)), (rise.Increase, rise.Over));
        Assert.Equal(15, Assert.Single(diagnosis.RecentFailures).Time.TotalSeconds);
    }

    [Fact]
    public void A_rise_across_more_than_the_history_is_not()
    {
        _ = DiagnosisAt(0, Overflows(500));
        for (var second = 15; second <= 375; second += 15)
            _ = DiagnosisAt(second, Late());

        Assert.Empty(DiagnosisAt(390, Overflows(540)).Symptoms);
    }

    /// <summary>The first reading failed, so the second one is the baseline.</summary>
    [Fact]
    public void A_rise_after_a_first_reading_that_failed_is_seen()
    {
        _ = DiagnosisAt(0, Late());
        _ = DiagnosisAt(15, Overflows(500));

        var rise = Assert.Single(DiagnosisAt(30, Overflows(540)).Symptoms);

        Assert.Equal((40, TimeSpan.FromSeconds(15)), (rise.Increase, rise.Over));
    }

    /// <summary>Readings from before the step belong to another timeline.</summary>
    [Fact]
    public void A_clock_that_is_set_back_begins_a_new_history()
    {
        Assert.Null(FailingAt(0, Overflows(1)));
        Assert.Equal(15, FailingAt(15, Overflows(2)));
        Assert.Null(FailingAt(-3600, Overflows(3)));
        Assert.Equal(15, FailingAt(-3585, Overflows(4)));
    }

    /// <summary>The kernel's log has its own clock, and a namespace in it is known by its present name.</summary>
    [Fact]
    public void A_message_of_the_kernel_counts_when_it_is_new_and_ours()
    {
        Assert.Null(FailingAt(0, Log((null, -600))));
        Assert.Null(FailingAt(15, Log((null, -600))));
        Assert.Equal(15, FailingAt(30, Log((null, 3))));
        Assert.Equal(15, FailingAt(45, Log((null, 3))));
        Assert.Equal(30, FailingAt(60, Log((null, 40), (4711, 55))));
        Assert.Null(FailingAt(400, Log((null, 40), (4711, 399))));
    }

    /// <summary>
    /// A counter of beginnings, and a message that the kernel logs once per listener: no further sign will follow.
    /// </summary>
    [Fact]
    public void A_condition_reported_only_once_counts_at_once()
    {
        Assert.Empty(SamplesAt(0, Counter("TCPMemoryPressures", 3)));
        Assert.Equal(
            ["45 tcp_memory_pressure self clw-resource-limit tcp_memory_bytes warning"],
            SamplesAt(15, Counter("TCPMemoryPressures", 4))
        );
        Assert.Equal(
            ["45 tcp_memory_pressure self clw-resource-limit tcp_memory_bytes warning"],
            SamplesAt(195, Counter("TCPMemoryPressures", 4))
        );
        Assert.Empty(SamplesAt(210, Counter("TCPMemoryPressures", 4)));
        Assert.Equal(
            ["45 tcp_memory_pressure self clw-resource-limit tcp_memory_bytes warning"],
            SamplesAt(330, Counter("TCPMemoryPressures", 5))
        );
    }

    /// <summary>Two counters of one failure that rise together count as one slot.</summary>
    [Fact]
    public void All_that_shows_one_failure_is_counted_together()
    {
        static FunctionReader<TcpExtCounters> Both(int cookies, int drops) =>
            new("", "", _ =>
                TcpExtCounters.Parse(
                    Encoding.ASCII.GetBytes($"TcpExt: SyncookiesSent TCPReqQFullDrop\nTcpExt: {cookies} {drops}\n")
                )
            );

        Assert.Null(FailingAt(0, Both(1, 1)));
        Assert.Equal(15, FailingAt(15, Both(2, 2)));
        Assert.Equal(30, FailingAt(30, Both(2, 3)));
        Assert.Equal(45, FailingAt(45, Both(3, 3)));
    }

    [Fact]
    public void A_first_message_counts_though_its_clock_is_late_and_an_old_one_does_not()
    {
        Assert.Null(FailingAt(0, Log()));
        Assert.Equal(15, FailingAt(15, Log((null, -20))));
        _timeline = Timeline.Empty;
        Assert.Null(FailingAt(0, Log()));
        Assert.Null(FailingAt(15, Log((null, -600))));
    }

    [Fact]
    public void A_probe_that_is_refused_counts_each_time_and_says_for_want_of_what()
    {
        Assert.Equal([], SamplesAt(0, Probe(0)));
        Assert.Equal(
            ["15 connect_refused self clw-network-exhausted ephemeral_connect_ports critical"],
            SamplesAt(15, Probe(Errno.EADDRNOTAVAIL))
        );
        Assert.Equal(
            ["30 connect_refused self clw-network-exhausted ephemeral_connect_ports critical"],
            SamplesAt(30, Probe(Errno.EADDRNOTAVAIL))
        );
        Assert.Equal(
            [
                "15 file_max_reached self clw-resource-limit system_file_descriptors critical",
                "30 connect_refused self clw-network-exhausted ephemeral_connect_ports critical",
            ],
            SamplesAt(45, Probe(Errno.ENFILE)).Order()
        );
        Assert.Contains("15 exporter_descriptors self clw-resource-limit  warning", SamplesAt(60, Probe(Errno.EMFILE)));
        Assert.Equal(3, SamplesAt(75, Probe(0)).Count());
    }

    [Fact]
    public void An_error_in_the_OpenClaw_log_has_its_own_code()
    {
        static Reader Log(long count) =>
            new FunctionReader<ClwErrors>("", "", _ => new ClwErrors(
                ImmutableSortedDictionary<string, long>.Empty.Add(ClwCodes.PortConflict, count),
                []
            ));

        Assert.Equal([], SamplesAt(0, Log(0)));
        Assert.Equal(["15 errors_reported  clw-port-conflict ephemeral_connect_ports warning"], SamplesAt(15, Log(1)));
    }

    /// <summary>A Gateway that fails at its start makes its log with the error.</summary>
    [Fact]
    public void An_error_in_a_log_that_did_not_exist_is_a_rise()
    {
        static Reader Log(Reading<ClwErrors> errors) => new FunctionReader<ClwErrors>("", "", _ => errors);
        static ClwErrors Errors(long count) =>
            new(ImmutableSortedDictionary<string, long>.Empty.Add(ClwCodes.ResourceLimit, count), []);

        Assert.Equal([], SamplesAt(0, Log(new Missing(Absence.NotPresent, "no log"))));
        Assert.NotEmpty(SamplesAt(15, Log(Errors(1))));
        Assert.Equal([], SamplesAt(400, Log(new Missing(Absence.TimedOut, "a log that hangs"))));
        Assert.Equal([], SamplesAt(800, Log(Errors(1))));
    }

    /// <summary>The exporter counts from its own start, so the first error of a code is a rise.</summary>
    [Fact]
    public void A_code_that_is_logged_for_the_first_time_is_a_rise()
    {
        static Reader Log(params (string Code, long Count)[] counts) =>
            new FunctionReader<ClwErrors>("", "", _ => new ClwErrors(
                counts.ToImmutableSortedDictionary(static pair => pair.Code, static pair => pair.Count),
                []
            ));

        _ = DiagnosisAt(0, Log((ClwCodes.PortConflict, 0)));

        var rise = Assert.Single(
            DiagnosisAt(15, Log((ClwCodes.PortConflict, 0), (ClwCodes.NetworkExhausted, 2))).Symptoms
        );
        Assert.Equal((2, ClwCodes.NetworkExhausted), (rise.Increase, rise.Alert?.Code));
    }

    /// <summary>
    /// The kernel may have counted for days before its file became readable, or before the interface was among the
    /// worst.
    /// </summary>
    [Fact]
    public void A_counter_of_the_kernel_that_appears_is_no_rise()
    {
        _ = DiagnosisAt(0, Counter("SyncookiesSent", 3));
        Assert.Empty(DiagnosisAt(15, Overflows(500)).Symptoms);

        _timeline = Timeline.Empty;
        _ = DiagnosisAt(0, Late());
        Assert.Empty(DiagnosisAt(15, Overflows(500)).Symptoms);
    }

    /// <summary>Only interfaces with drops are listed, so the first drop of one rises from 0.</summary>
    [Fact]
    public void The_first_drop_of_an_interface_is_a_rise()
    {
        _ = DiagnosisAt(0, Drops(("eth0", 7), ("eth1", 0)));

        var rise = Assert.Single(DiagnosisAt(15, Drops(("eth0", 7), ("eth1", 3))).Symptoms);

        Assert.Equal((3, "eth1 receive"), (rise.Increase, string.Join(" ", rise.Labels)));
    }

    /// <summary>Where the list is full, an interface may move up because another one is gone.</summary>
    [Fact]
    public void An_interface_that_moves_up_in_the_list_is_no_rise()
    {
        var all = Enumerable
            .Range(0, Catalogue.CounterSymptoms.InterfacesAtMost + 1)
            .Select(static i => ($"eth{i}", 100L + i))
            .ToArray();
        _ = DiagnosisAt(0, Drops(all));

        Assert.Empty(DiagnosisAt(15, Drops(all[..^1])).Symptoms);
    }

    static FunctionReader<Kernel.Links.InterfaceDrops> Drops(params (string Name, long Received)[] links) =>
        new FunctionReader<Kernel.Links.InterfaceDrops>("", "", _ => new Kernel.Links.InterfaceDrops([
            .. links.Select(static link => new Kernel.Links.InterfaceDrop(link.Name, link.Received, 0)),
        ]));

    /// <summary>A scrape with <c>?collect[]=</c> reports only the failures of its part.</summary>
    [Fact]
    public void A_part_of_a_snapshot_says_what_of_it_fails()
    {
        _ = FailingAt(0, Overflows(1));
        var whole = DiagnosisAt(15, Overflows(2));

        Assert.Equal(
            whole.RecentFailures.Select(static failure => failure.Alert),
            whole
                .JudgePart(whole.Snapshot.Only(static _ => true))
                .RecentFailures.Select(static failure => failure.Alert)
        );
        Assert.Empty(whole.JudgePart(whole.Snapshot.Only(static _ => false)).RecentFailures);
        Assert.Single(whole.RecentFailures);
    }

    double? FailingAt(int second, Reader reader) =>
        DiagnosisAt(second, reader).RecentFailures.SingleOrDefault()?.Time.TotalSeconds;

    IEnumerable<string> SamplesAt(int second, Reader reader) =>
        MetricCatalogue
            .All.Single(static family => family.Name == "openclaw_network_failing_seconds")
            .Read(DiagnosisAt(second, reader))
            .Select(static sample => $"{sample.Value} {string.Join(' ', sample.Labels)}");

    Diagnosis DiagnosisAt(double second, Reader reader)
    {
        var diagnosis = Diagnosis.Judge(new Snapshot(Start.AddSeconds(second), [reader.RunHere()]), earlier: _timeline);
        _timeline = diagnosis.Timeline;
        return diagnosis;
    }

    static FunctionReader<TcpExtCounters> Late() => new("", "", static _ => new Missing(Absence.TimedOut, ""));

    static FunctionReader<TcpExtCounters> Overflows(int count) => Counter("ListenOverflows", count);

    static FunctionReader<TcpExtCounters> Counter(string name, int count) =>
        new("", "", _ => TcpExtCounters.Parse(Encoding.ASCII.GetBytes($"TcpExt: {name}\nTcpExt: {count}\n")));

    static FunctionReader<KernelLogEvents> Log(params IEnumerable<(int? Netns, int Second)> messages) =>
        new("", "", _ => new KernelLogEvents(
            [
                .. messages.Select(static message => new KernelLogEvent(
                    KernelLogKind.ConntrackTableFull,
                    (ulong?)message.Netns,
                    Start.AddSeconds(message.Second)
                )),
            ],
            new Missing(Absence.NotPermitted, "")
        ));

    static FunctionReader<AllocationProbe> Probe(int error) =>
        new("", "", _ => new AllocationProbe([new(ProbeOperation.Connect, error, default)], []));
}
