using System.Collections.Immutable;
using System.Text.RegularExpressions;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

public sealed class DescriptorGrowthTests : IDisposable
{
    readonly FixtureProc _proc = new();
    readonly SteppedClock _clock = new();
    readonly ImmutableArray<Reader> _readers;

    public DescriptorGrowthTests()
    {
        var mount = new ProcMount(_proc.Root);
        _readers =
        [
            new ProcessTableReader(mount, new Regex("openclaw"), TimeProvider.System),
            new DescriptorGrowthReader(mount, _clock),
        ];
        Start(1000);
    }

    public void Dispose() => _proc.Dispose();

    [Fact]
    public void A_leak_of_two_a_minute_is_120_an_hour_once_it_was_seen_for_two_minutes()
    {
        for (var second = 0; second < 120; second += 15)
        {
            Open(3 + (second / 30));
            Assert.Null(Growth());
            _clock.Advance(TimeSpan.FromSeconds(15));
        }

        Open(7);

        Assert.Equal(120, Growth()!.Value, tolerance: 20);
    }

    [Fact]
    public void A_steady_process_does_not_grow()
    {
        for (var i = 0; i < 30; i++)
        {
            Growth();
            _clock.Advance(TimeSpan.FromSeconds(15));
        }

        Assert.Equal(0, Growth());
    }

    [Fact]
    public void Another_process_with_the_same_pid_starts_anew()
    {
        for (var i = 0; i < 30; i++)
        {
            Growth();
            _clock.Advance(TimeSpan.FromSeconds(15));
        }

        Start(2000);

        Assert.Null(Growth());
    }

    [Fact]
    public void A_trend_keeps_an_hour_however_often_it_is_asked()
    {
        var samples = new SampleRing<int>(DescriptorGrowthReader.Bounds);
        for (var second = 0; second < 7200; second++)
            samples = samples.With(TimeSpan.FromSeconds(second), [(4711, second < 3600 ? 0 : second - 3600)]);

        Assert.Equal(3600, DescriptorGrowthReader.PerHour([.. samples.SamplesOf(4711)])!.Value, tolerance: 1);
    }

    double? Growth() =>
        SamplingPass.Read<DescriptorGrowth>(_readers, Deadline.After(TimeSpan.FromSeconds(10))).Value.PerHourByPid
            is { Count: > 0 } growth
            ? growth[4711]
            : null;

    /// <summary>The process name contains a parenthesis, which could be taken for its end.</summary>
    void Start(int ticks) =>
        _proc["4711/stat"] =
            $"4711 (a) b) S 1 4711 4711 0 -1 4194560 {string.Join(' ', Enumerable.Repeat(0, 12))} {ticks} 0 0\n";

    void Open(int descriptors) =>
        _proc.AddProcess(4711, "node", "node\0/opt/openclaw/gateway.js\0", descriptors, "1024");
}
