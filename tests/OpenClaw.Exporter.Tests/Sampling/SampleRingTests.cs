using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

public class SampleRingTests
{
    static readonly RingBounds Bounds = new(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(5), NamesAtMost: 3);

    [Fact]
    public void It_keeps_no_more_samples_and_names_than_its_bounds()
    {
        var bounds = Bounds with { Back = TimeSpan.FromSeconds(20) };
        var ring = new SampleRing<int>(bounds);
        for (var second = 0; second < 1000; second++)
            ring = ring.With(TimeSpan.FromSeconds(second), Enumerable.Range(second, 10).Select(static i => (i, 1.0)));

        Assert.InRange(ring.Count, 80 / 5, bounds.SamplesAtMost);
        Assert.Equal(3, ring.Names);
        Assert.Equal(975, ring.TimeOf(ring.Before(TimeSpan.FromSeconds(999), bounds.Back)).TotalSeconds);
    }

    /// <summary>The names of the newest sample stay, then those of the sample before.</summary>
    [Fact]
    public void The_latest_names_are_kept_and_a_forgotten_one_begins_anew()
    {
        var ring = RingOf(("a", 1), ("b", 1), ("c", 1));
        ring = ring.With(TimeSpan.FromSeconds(10), [("a", 2), ("b", 2)]);
        ring = ring.With(TimeSpan.FromSeconds(20), [("a", 3), ("d", 3)]);

        Assert.Equal([1, 2, 3], NumbersOf("a"));
        Assert.Equal([1, 2], NumbersOf("b"));
        Assert.Empty(NumbersOf("c"));
        Assert.Equal([3], NumbersOf("d"));

        ring = ring.With(TimeSpan.FromSeconds(30), [("c", 4)]);
        Assert.Equal([4], NumbersOf("c"));
        Assert.Equal(3, ring.Names);

        IEnumerable<double> NumbersOf(string name) => ring.SamplesOf(name).Select(static sample => sample.Number);
    }

    [Fact]
    public void The_highest_of_several_numbers_with_one_name_counts()
    {
        var ring = RingOf(("a", 1), ("b", 5), ("a", 3), ("a", 2));

        Assert.Equal((3, 5), (ring[0, "a"], ring[0, "b"]));
        Assert.Null(ring[0, "c"]);
    }

    [Fact]
    public void A_ring_does_not_change_when_a_sample_is_added()
    {
        var ring = RingOf(("a", 1));

        Assert.Same(ring, ring.With(TimeSpan.FromSeconds(4), [("a", 2)]));
        Assert.Equal(2, ring.With(TimeSpan.FromSeconds(5), [("a", 2), ("b", 2)]).Count);
        Assert.Equal(1, ring.With(TimeSpan.FromSeconds(-1), [("a", 2)]).Count);
        Assert.Equal((1, 1), (ring.Count, ring.Names));
    }

    static SampleRing<string> RingOf(params (string, double)[] numbers) =>
        new SampleRing<string>(Bounds).With(TimeSpan.Zero, numbers);
}
