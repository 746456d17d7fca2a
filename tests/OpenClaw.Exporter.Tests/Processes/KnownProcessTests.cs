using System.Collections.Immutable;
using System.Text.RegularExpressions;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

/// <summary>The memory of processes never hides that they changed.</summary>
public sealed class KnownProcessTests : IDisposable
{
    const int Pid = 5000;

    readonly FixtureProc _proc = new();
    readonly SteppedClock _clock = new();
    readonly ImmutableArray<Reader> _readers;

    public KnownProcessTests() =>
        _readers = [new ProcessTableReader(new ProcMount(_proc.Root), new Regex("openclaw"), _clock)];

    public void Dispose() => _proc.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(200)]
    [InlineData(3600)]
    public void A_program_that_is_replaced_is_named_after_as_long_as_it_ran_and_five_minutes_at_most(int seconds)
    {
        Start("entry.sh", descriptors: 10);
        for (var second = 0; second < seconds; second++)
        {
            Assert.False(Find().IsWatched);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Start("openclaw-gateway", descriptors: 10);
        var late = 0;
        for (; late <= 300 && !Find().IsWatched; late++)
            _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.InRange(late, 0, Math.Min(seconds, 300));
    }

    [Fact]
    public void A_watched_program_is_looked_at_each_time()
    {
        Start("openclaw-gateway", descriptors: 10);
        Settle();

        Start("openclaw-worker", descriptors: 10);

        Assert.Equal("openclaw-worker", Find().Name);
    }

    [Fact]
    public void An_id_that_is_given_out_again_is_another_process()
    {
        Start("one", descriptors: 10);
        Settle();

        // The old folder stays, so that the new one cannot have its inode.
        Directory.Move(Path.Combine(_proc.Root, $"{Pid}"), Path.Combine(_proc.Root, "old"));
        Start("two", descriptors: 10);

        Assert.Equal("two", Find().Name);
    }

    [Theory]
    [InlineData(500, 100)]
    [InlineData(600, 2048)]
    public void A_limit_that_changes_counts_at_once_for_a_process_that_is_near_it(int open, int limit)
    {
        Start("other", open);
        Settle();

        Start("other", Math.Max(open, 600), limit);

        Assert.Equal(limit, Find().Limits.Value.OpenFilesSoft);
    }

    [Fact]
    public void Descriptors_are_counted_each_time()
    {
        Start("other", descriptors: 10);
        Settle();

        Start("other", descriptors: 11);

        Assert.Equal(11, Find().Open.Value);
    }

    [Fact]
    public void A_process_that_opens_its_first_descriptor_gets_its_limit()
    {
        Start("other", descriptors: 0);
        Settle(isShown: false);

        Start("other", descriptors: 1);

        Assert.Equal(1024, Find().Limits.Value.OpenFilesSoft);
    }

    void Start(string name, int descriptors, int limit = 1024) =>
        _proc.AddProcess(Pid, name, $"/usr/bin/{name}\0", descriptors, $"{limit}");

    /// <summary>Looks as often as a scraper does in an hour.</summary>
    void Settle(bool isShown = true)
    {
        for (var i = 0; i < 240; i++)
        {
            Assert.Equal(isShown, Table().Any(static process => process.Pid == Pid));
            _clock.Advance(TimeSpan.FromSeconds(15));
        }
    }

    ProcessDescriptors Find() => Table().Single(static process => process.Pid == Pid);

    ImmutableArray<ProcessDescriptors> Table() =>
        SamplingPass.Read<ProcessTable>(_readers, Deadline.After(TimeSpan.FromSeconds(10))).Value.Processes;
}
