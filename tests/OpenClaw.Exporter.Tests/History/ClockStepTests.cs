using System.Text;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Episodes;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Counters;
using OpenClaw.Kernel.KernelLog;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>A wall clock that is set hours forward or back changes no age, rate, forecast or episode.</summary>
public class ClockStepTests
{
    const int Snapshots = 300;

    static readonly DateTimeOffset Start = new(2026, 11, 26, 3, 0, 0, TimeSpan.Zero);

    static readonly Pool Files = PoolCatalogue.SystemFileDescriptors;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void All_conclusions_are_those_of_a_clock_that_is_never_set(int seed)
    {
        var random = new Random(seed);
        var (steady, stepped) = (new Watch(), new Watch());
        var (uptime, step, steps) = (TimeSpan.Zero, TimeSpan.Zero, 0);
        var (used, overflows, message) = (500, 1, TimeSpan.Zero);
        for (var i = 0; i < Snapshots; i++)
        {
            uptime += TimeSpan.FromSeconds(random.Next(5, 20));
            used = Math.Clamp(used + random.Next(-20, 30), 0, 1000);
            overflows += random.Next(4) == 0 ? random.Next(10) : 0;
            message = random.Next(30) == 0 ? uptime - TimeSpan.FromSeconds(2) : message;
            if (random.Next(15) == 0)
            {
                step += TimeSpan.FromSeconds(random.Next(-20_000, 20_000));
                steps++;
            }

            var expected = steady.See(uptime, TimeSpan.Zero, used, overflows, message);
            Assert.Equal(expected, stepped.See(uptime, step, used, overflows, message));
        }

        Assert.InRange(steps, 5, Snapshots);
        Assert.InRange(steady.Episodes.All.Length, 2, 100);
    }

    /// <summary>Adjustments are smaller, and both clocks are not read at the same moment.</summary>
    [Theory]
    [InlineData(0.9, 0)]
    [InlineData(-0.9, 0)]
    [InlineData(1.5, 1.5)]
    [InlineData(-7200, -7200)]
    public void A_step_is_a_second_at_least(double set, double step)
    {
        var before = new ClockReading(Start, TimeSpan.FromHours(1));
        var after = new ClockReading(Start.AddSeconds(15 + set), TimeSpan.FromHours(1) + TimeSpan.FromSeconds(15));

        Assert.Equal(step, after.StepSince(before).TotalSeconds);
        Assert.Equal(TimeSpan.Zero, after.StepSince(new(Start, null)));
    }

    /// <summary>Both clocks go at the same rate, and one of them since the boot.</summary>
    [Fact]
    public void The_clock_of_the_kernel_is_not_set()
    {
        var before = ClockReading.Now(BootClock.Instance);
        Thread.Sleep(20);
        var after = ClockReading.Now(BootClock.Instance);

        var uptime = double.Parse(
            File.ReadAllText("/proc/uptime").Split(' ')[0],
            System.Globalization.CultureInfo.InvariantCulture
        );
        Assert.Equal(uptime, after.Uptime!.Value.TotalSeconds, 1.0);
        Assert.Equal(TimeSpan.Zero, after.StepSince(before));
        Assert.InRange(
            after.Uptime.Value - before.Uptime!.Value,
            TimeSpan.FromMilliseconds(20),
            TimeSpan.FromSeconds(1)
        );
    }

    /// <summary>An exporter, with its timeline and episodes.</summary>
    sealed class Watch
    {
        Timeline _timeline = Timeline.Empty;

        public EpisodeHistory Episodes { get; private set; } = EpisodeHistory.Empty;

        /// <summary>Diagnoses a machine; returns the conclusions, with ages in place of times.</summary>
        public string See(TimeSpan uptime, TimeSpan step, int used, int overflows, TimeSpan message)
        {
            var now = Start + uptime + step;
            KernelLogEvent[] events =
                message > TimeSpan.Zero ? [new(KernelLogKind.TcpOutOfMemory, null, Start + message + step)] : [];
            Reader[] readers =
            [
                new FunctionReader<FileNr>("file_nr", "", _ => new FileNr(used, 1000)),
                new FunctionReader<TcpExtCounters>("tcp", "", _ =>
                    TcpExtCounters.Parse(Encoding.ASCII.GetBytes($"TcpExt: ListenOverflows\nTcpExt: {overflows}\n"))
                ),
                new FunctionReader<KernelLogEvents>("log", "", _ => new KernelLogEvents([.. events], 4711ul)),
            ];
            var snapshot = new Snapshot(
                new ClockReading(now, uptime),
                [.. readers.Select(static reader => reader.RunHere())]
            );
            var diagnosis = Diagnosis.Judge(snapshot, earlier: _timeline);
            _timeline = diagnosis.Timeline;
            Episodes = Episodes.With(diagnosis);

            var level = diagnosis.Findings.First(static finding => finding.Pool == Files).Level;
            return string.Join(
                '\n',
                (string[])
                    [
                        $"forecast {_timeline.ForecastOf(Files, level)}",
                        $"lasted {now - _timeline.LastedOf(Files, level)?.From}",
                        .. diagnosis.Symptoms.Select(static symptom =>
                            $"{symptom.Sample.Symptom.Name} {symptom.Increase} in {symptom.Over} {symptom.Phase}"
                        ),
                        .. diagnosis.RecentFailures.Select(static failure => $"{failure.Alert.Name} {failure.Time}"),
                        .. diagnosis.Over.Select(past => $"over {past.Alert.Name} {now - past.Last}"),
                        .. Episodes.All.Select(episode =>
                            $"episode {episode.Number} {episode.Name} {now - episode.Begin} {now - episode.End} "
                            + $"{episode.IsEndKnown} {now - episode.Peak?.Time} {episode.Phases.Length}"
                        ),
                    ]
            );
        }
    }
}
