using System.Globalization;
using System.Text;
using System.Text.Json;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Status;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Counters;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>The timeline that a server hands to a command.</summary>
public class TimelineDocumentTests
{
    static readonly DateTimeOffset Start = new(2026, 11, 26, 3, 0, 0, TimeSpan.Zero);

    static readonly TimelineOrigin Here = new("boot-1", 4026531840, "self");

    public static TheoryData<string> Machines => [.. RecordedMachines.All.Keys];

    /// <summary>
    /// A command that reads the same values as the server says the same: trends, rises, past failures.
    /// </summary>
    [Theory]
    [MemberData(nameof(Machines))]
    public async Task A_command_with_the_history_says_the_same_as_the_server(string name)
    {
        using var machine = new RecordedMachine();
        await RecordedMachines.All[name](machine);
        await machine.SampleAsync();
        var server = machine.Sampling.Diagnosis;
        var here = Here with { Netns = server.Snapshot.Own.Name };

        foreach (var seconds in (double[])[0.3, 4, 20, 130])
        {
            var later = new Snapshot(server.Snapshot.Time.AddSeconds(seconds), server.Snapshot.Runs);
            var restored = RestoredTimeline.From(Sent(TimelineDocument.From(server.Timeline, here)), later, here).Value;

            Assert.Equal(Said(later, server.Timeline), Said(later, restored));
        }
    }

    /// <summary>Guards the test above: without the history, some of these machines look different.</summary>
    [Theory]
    [InlineData("pool-grows")]
    [InlineData("symptoms-rise")]
    [InlineData("symptoms-fade")]
    public async Task Without_the_history_a_command_says_less(string name)
    {
        using var machine = new RecordedMachine();
        await RecordedMachines.All[name](machine);
        await machine.SampleAsync();
        var server = machine.Sampling.Diagnosis;
        var later = new Snapshot(server.Snapshot.Time.AddSeconds(4), server.Snapshot.Runs);

        Assert.NotEqual(Said(later, server.Timeline), Said(later, Timeline.Empty));
    }

    /// <summary>Counters that rise, stand still, begin again, or cannot be read, at irregular times.</summary>
    [Fact]
    public void Any_history_is_the_same_after_the_journey()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var timeline = Timeline.Empty;
            var (time, overflows, cookies) = (Start, 10L, 5L);
            for (var i = random.Next(60); i >= 0; i--)
                timeline = Diagnosis.Judge(Next(), earlier: timeline).Timeline;
            var last = Next();
            var restored = RestoredTimeline.From(Sent(TimelineDocument.From(timeline, Here)), last, Here).Value;

            Assert.Equal(Said(last, timeline), Said(last, restored));
            Assert.All(timeline.Symptoms.AllNames, name =>
                Assert.Equal(timeline.Symptoms.SamplesOf(name), restored.Symptoms.SamplesOf(name))
            );

            Snapshot Next()
            {
                time = time.AddSeconds(random.NextDouble() * 40);
                overflows = random.Next(20) == 0 ? 0 : overflows + (random.Next(3) * random.Next(100));
                cookies += random.Next(2);
                return At(time, random.Next(5) == 0 ? null : (overflows, cookies));
            }
        }
    }

    /// <summary>The own namespace is "self" to one and "host" to the other, who sees more namespaces.</summary>
    [Fact]
    public void The_own_namespace_has_its_history_under_another_name()
    {
        var timeline = Diagnosis.Judge(At(Start, (10, 5))).Timeline;
        var document = TimelineDocument.From(timeline, Here) with { Netns = "host" };
        document = document with
        {
            Symptoms = document.Symptoms with
            {
                Series =
                [
                    .. document.Symptoms.Series.Select(static series =>
                        series with
                        {
                            Name = [.. series.Name.Select(static part => part == "self" ? "host" : part)],
                        }
                    ),
                ],
            },
        };
        var later = At(Start.AddSeconds(15), (14, 5));

        var rise = Assert.Single(
            Diagnosis.Judge(later, earlier: RestoredTimeline.From(Sent(document), later, Here).Value).Symptoms
        );

        Assert.Equal((4, "self"), (rise.Increase, rise.Netns));
    }

    [Fact]
    public void A_namespace_that_the_command_does_not_look_at_has_no_history()
    {
        var first = Diagnosis.Judge(At(Start, (10, 5)));
        var timeline = Diagnosis.Judge(At(Start.AddSeconds(15), (20, 5)), earlier: first.Timeline).Timeline;
        var document = TimelineDocument.From(timeline, Here) with { Netns = "elsewhere" };
        var later = At(Start.AddSeconds(30), (20, 5));

        Assert.Single(timeline.Failures);
        Assert.Empty(
            RestoredTimeline
                .From(document with { Failures = [document.Failures[0] with { Netns = "shop" }] }, later, Here)
                .Value.Failures
        );
    }

    [Theory]
    [InlineData("boot-2", 4026531840, "it runs on another machine")]
    [InlineData("boot-1", 4026531841, "it runs in another network namespace")]
    [InlineData(null, 0, "cannot read the boot id or the own network namespace")]
    public void A_history_of_another_place_is_refused(string? boot, ulong inode, string reason)
    {
        var snapshot = At(Start, (10, 5));
        var document = TimelineDocument.From(Diagnosis.Judge(snapshot).Timeline, Here);

        var restored = RestoredTimeline.From(
            document,
            snapshot,
            boot is null ? null : new TimelineOrigin(boot, inode, "self")
        );

        Assert.Equal(reason, restored.Missing?.Detail);
    }

    [Fact]
    public void Another_version_is_refused_before_its_form_is_read()
    {
        Assert.Contains(
            "it runs version 0.0.1, this is ",
            TimelineDocument.Parse("""{"version":"0.0.1","all":"new"}"""u8).Missing?.Detail,
            StringComparison.Ordinal
        );
        foreach (var text in (string[])["", "null", "[]", "{}", "7", "<html>", "{\"version\":null}"])
        {
            Assert.Equal(
                "not the timeline of an exporter",
                TimelineDocument.Parse(Encoding.UTF8.GetBytes(text)).Missing?.Detail
            );
        }
    }

    /// <summary>A document that is cut anywhere, or has a wrong value anywhere, is refused or harmless.</summary>
    [Fact]
    public async Task No_document_stops_the_diagnosis()
    {
        using var machine = new RecordedMachine();
        await RecordedMachines.All["symptoms-fade"](machine);
        await machine.SampleAsync();
        var server = machine.Sampling.Diagnosis;
        var here = Here with { Netns = server.Snapshot.Own.Name };
        var text = Text(TimelineDocument.From(server.Timeline, here));
        var random = new Random(1);

        for (var i = 0; i < 100; i++)
            Assert.NotNull(TimelineDocument.Parse(Encoding.UTF8.GetBytes(text[..random.Next(text.Length)])).Missing);
        string[] wrong = ["null", "[]", "{}", "-1e999", "1e308", "\"\"", "[null]", "\"9999-12-31T23:59:59Z\""];
        for (var i = 0; i < 400; i++)
        {
            var (from, to) = ValueAfter(text, random.Next(text.Length));
            Judge(string.Concat(text.AsSpan(0, from), wrong[i % wrong.Length], text.AsSpan(to)));
        }

        void Judge(string changed)
        {
            if (!TimelineDocument.Parse(Encoding.UTF8.GetBytes(changed)).TryGet(out var document))
                return;
            var later = new Snapshot(server.Snapshot.Time.AddSeconds(15), server.Snapshot.Runs);
            if (RestoredTimeline.From(document, later, here).TryGet(out var timeline))
                Assert.NotEmpty(Said(later, timeline));
        }
    }

    [Fact]
    public void A_failure_that_is_there_twice_counts_once()
    {
        var first = Diagnosis.Judge(At(Start, (10, 5)));
        var document = TimelineDocument.From(
            Diagnosis.Judge(At(Start.AddSeconds(15), (20, 5)), earlier: first.Timeline).Timeline,
            Here
        );
        var later = At(Start.AddSeconds(30), (20, 5));
        var twice = document with { Failures = [.. document.Failures, .. document.Failures] };

        var timeline = RestoredTimeline.From(twice, later, Here).Value;

        Assert.Equal(Said(later, RestoredTimeline.From(document, later, Here).Value), Said(later, timeline));
    }

    /// <summary>The wall clock was set back: the samples are of a time that is still to come.</summary>
    [Fact]
    public void Samples_of_the_future_are_left_out()
    {
        var document = TimelineDocument.From(Diagnosis.Judge(At(Start, (10, 5))).Timeline, Here);
        var earlier = At(Start.AddSeconds(-60), (20, 5));

        Assert.Equal(0, RestoredTimeline.From(document, earlier, Here).Value.Symptoms.Count);
    }

    /// <summary>The namespaces where something changed come first, each with all of its values.</summary>
    [Fact]
    public void A_document_has_a_bound()
    {
        var symptom = SymptomCatalogue.All.First(static symptom => symptom.IsCounter);
        var timeline = Timeline.Restore(
            Enumerable
                .Range(0, 27)
                .Select(i =>
                    (
                        Start.AddSeconds(15 * i),
                        Enumerable
                            .Range(0, 30_000)
                            .SelectMany(netns =>
                            {
                                var source = new SymptomSource(symptom, $"pod-{netns}");
                                return new[]
                                {
                                    (new SymptomName(source, null), SymptomName.Read),
                                    (new SymptomName(source, ""), netns < 20_000 ? 7 : 1_000_000_000.0 + i),
                                };
                            })
                    )
                ),
            [],
            []
        );

        var document = TimelineDocument.From(timeline, Here);

        Assert.Equal(TimelineDocument.SymptomsAtMost, document.Symptoms.Series.Length);
        Assert.InRange(Text(document).Length, 1 << 20, 8 << 20);
        Assert.All(document.Symptoms.Series.GroupBy(static series => series.Name[1]), static netns =>
            Assert.Equal(2, netns.Count())
        );
        Assert.All(document.Symptoms.Series, static series =>
            Assert.True(int.Parse(series.Name[1][4..], CultureInfo.InvariantCulture) >= 20_000)
        );
    }

    /// <summary>Returns the place of the JSON value that begins after this position, or the end of the text.</summary>
    static (int From, int To) ValueAfter(string text, int position)
    {
        var from = text.IndexOfAny([':', ',', '['], position) + 1;
        if (from == 0)
            return (text.Length, text.Length);
        var to = text.IndexOfAny([',', ']', '}'], from);
        return (from, to < 0 ? text.Length : to);
    }

    static string Text(TimelineDocument document) =>
        JsonSerializer.Serialize(document, TimelineJson.Default.TimelineDocument);

    static TimelineDocument Sent(TimelineDocument document) =>
        TimelineDocument.Parse(Encoding.UTF8.GetBytes(Text(document))).Value;

    /// <summary>Everything that a diagnosis says.</summary>
    static string Said(Snapshot snapshot, Timeline timeline)
    {
        var diagnosis = Diagnosis.Judge(snapshot, earlier: timeline);
        return JsonSerializer.Serialize(DiagnosisDocument.From(diagnosis), DiagnosisJson.Default.DiagnosisDocument)
            + string.Join('\n', diagnosis.RecentFailures.Select(static failure => $"{failure.Alert} {failure.Time}"));
    }

    static Snapshot At(DateTimeOffset time, (long Overflows, long Cookies)? counters) =>
        new(
            time,
            [
                new FunctionReader<TcpExtCounters>("", "", _ =>
                    counters is var (overflows, cookies)
                        ? TcpExtCounters.Parse(
                            Encoding.ASCII.GetBytes(
                                $"TcpExt: ListenOverflows SyncookiesSent\nTcpExt: {overflows} {cookies}\n"
                            )
                        )
                        : new Missing(Absence.TimedOut, "")
                ).RunHere(),
            ]
        );
}
