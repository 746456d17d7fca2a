using System.Collections.Immutable;
using CsCheck;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>A 0 in a metric was read: a reader without a value never produces one, for any reason.</summary>
public class MissingReadingTests
{
    /// <summary>
    /// The prefix of families about the readers themselves. There a 0 means "no value", and a duration may be 0.
    /// </summary>
    const string OfReaders = "openclaw_network_reader_";

    const string Condition = "openclaw_network_condition{";
    const string Utilization = "openclaw_network_pool_utilization_ratio{ephemeral_";

    static readonly ImmutableArray<(Absence Reason, string Detail)> Reasons =
    [
        (Absence.NotPresent, "No such file or directory"),
        (Absence.NotPermitted, "Permission denied"),
        (Absence.Malformed, "line 1: expected an integer"),
        (Absence.Interrupted, "changed while it was being read"),
        (Absence.TimedOut, "no answer within 10 s"),
        (Absence.Failed, "Too many open files"),
        (Absence.Gone, "No such process"),
    ];

    public static TheoryData<string> Machines => [.. RecordedMachines.All.Keys];

    public static TheoryData<string, Absence> RichMachines =>
        [
            .. from machine in (string[])["all-pools-full", "symptoms-explained", "openclaw-log"]
            from reason in Reasons
            select (machine, reason.Reason),
        ];

    public static TheoryData<Absence> Unseen =>
        [.. Reasons.Select(static reason => reason.Reason).Where(static reason => reason != Absence.NotPresent)];

    /// <summary>Leaves out readers as ?exclude[]= does.</summary>
    [Theory]
    [MemberData(nameof(Machines))]
    public async Task No_reader_that_is_left_out_makes_a_0(string name)
    {
        using var machine = await MakeAsync(name);
        await machine.SampleAsync();
        var whole = machine.Sampling.SeriesOf(static _ => true);

        AssertNone(
            from left in machine.Readers()
            from series in Unread(whole, machine.Sampling.SeriesOf(reader => reader != left.Name))
            select $"without {left.Name}: {series}"
        );
    }

    [Theory]
    [MemberData(nameof(RichMachines))]
    public async Task No_reader_that_has_nothing_makes_a_0(string name, Absence reason)
    {
        using var machine = await MakeAsync(name);
        var readers = machine.Readers();
        var whole = await machine.Sampling.SeriesAsync(readers);
        var made = new List<string>();
        foreach (var reader in readers)
        {
            var part = await machine.Sampling.SeriesAsync(readers.Replace(reader, Without(reader, reason)));
            made.AddRange(Unread(whole, part, reason).Select(series => $"{reader.Name} {reason}: {series}"));
        }

        AssertNone(made);
    }

    [Fact]
    public async Task No_readers_that_have_nothing_make_a_0()
    {
        using var machine = await MakeAsync("all-pools-full");
        var readers = machine.Readers();
        var whole = await machine.Sampling.SeriesAsync(readers);

        await Gen.Int[-2, Reasons.Length - 1]
            .Array[readers.Length]
            .SampleAsync(
                async fates =>
                {
                    var part = readers.Zip(fates, static (reader, fate) =>
                        fate < 0 ? reader : Without(reader, Reasons[fate].Reason)
                    );
                    Absence? exempt = fates.Any(static fate => fate >= 0 && Reasons[fate].Reason == Absence.NotPresent)
                        ? Absence.NotPresent
                        : null;
                    return !Unread(whole, await machine.Sampling.SeriesAsync([.. part]), exempt).Any();
                },
                iter: 60,
                threads: 1
            );
    }

    /// <summary>A condition without any reading has no series, neither 0 nor 1.</summary>
    [Theory]
    [MemberData(nameof(Unseen))]
    public async Task Nothing_that_was_seen_is_no_condition(Absence reason)
    {
        using var machine = await MakeAsync("openclaw-log");

        var series = await machine.Sampling.SeriesAsync([
            .. machine.Readers().Select(reader => Without(reader, reason)),
        ]);

        Assert.DoesNotContain(series.Keys, static name => name.StartsWith(Condition, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_condition_is_that_of_pools_that_were_seen()
    {
        using var machine = await MakeAsync("all-pools-full");
        await machine.SampleAsync();

        var series = machine.Sampling.SeriesOf(static reader => reader == "file_nr");

        Assert.All(
            series.Keys.Where(static name => name.StartsWith(Condition, StringComparison.Ordinal)),
            static name => Assert.Contains(ClwCodes.ResourceLimit, name, StringComparison.Ordinal)
        );
    }

    static void AssertNone(IEnumerable<string> made)
    {
        var all = string.Join('\n', made);
        Assert.True(all.Length == 0, all);
    }

    static async Task<RecordedMachine> MakeAsync(string name)
    {
        var machine = new RecordedMachine();
        await RecordedMachines.All[name](machine);
        return machine;
    }

    static Reader Without(Reader reader, Absence reason) =>
        RecordedSampling.Unread(
            reader,
            reason,
            $"{reader.Name}: {Reasons.First(known => known.Reason == reason).Detail}"
        );

    /// <summary>
    /// The series that are 0 now and were not with all readers. With a source that the kernel lacks, a condition and a
    /// pool of two protocols may be 0, since the rest was read. Without the reader of namespaces the exporter's own
    /// namespace has another name.
    /// </summary>
    static IEnumerable<string> Unread(
        Dictionary<string, double> whole,
        Dictionary<string, double> part,
        Absence? reason = null
    )
    {
        return part.Where(static series => series.Value == 0)
            .Select(static series => series.Key)
            .Where(name => !WasZero(name) && !WasZero(name.Replace("self", "host", StringComparison.Ordinal)))
            .Where(static name => !name.StartsWith(OfReaders, StringComparison.Ordinal))
            .Where(name =>
                reason != Absence.NotPresent
                || !(
                    name.StartsWith(Condition, StringComparison.Ordinal)
                    || name.StartsWith(Utilization, StringComparison.Ordinal)
                )
            );

        bool WasZero(string name) => whole.TryGetValue(name, out var before) && before == 0;
    }
}
