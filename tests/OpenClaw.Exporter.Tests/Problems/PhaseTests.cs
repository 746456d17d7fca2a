using System.Text;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Counters;
using OpenClaw.Kernel.KernelLog;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>A failure is critical while it lasts, and only an event of the past afterwards.</summary>
public class PhaseTests
{
    static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    Timeline _timeline = Timeline.Empty;

    /// <summary>Packets are dropped until second 60, which is the cure.</summary>
    [Theory]
    [InlineData(15)]
    [InlineData(1)]
    public void Within_15_seconds_of_the_cure_it_is_over_and_after_five_minutes_forgotten(int spacing)
    {
        for (var second = 0; second <= 60; second += spacing)
        {
            var failing = At(second, Drops(second));
            if (second > 0)
                Assert.Equal((PoolCondition.Warning, Phase.Failing), (failing.Condition, failing.Problems[0].Phase));
        }

        for (var second = 60 + spacing; second < 600; second += spacing)
        {
            var cured = At(second, Drops(60));
            if (second >= 75)
                Assert.InRange(cured.Condition, PoolCondition.Absent, PoolCondition.Unknown);
            if (second is >= 75 and < 330)
            {
                var past = Assert.Single(cured.Problems);
                Assert.Equal((PoolCondition.Ok, Phase.Over), (past.Condition, past.Phase));
                Assert.Contains(": ended ", past.Evidence, StringComparison.Ordinal);
            }
            else if (second > 400)
            {
                Assert.Empty(cured.Problems);
            }
        }
    }

    [Theory]
    [InlineData(0, PoolCondition.Critical, Phase.Failing)]
    [InlineData(14, PoolCondition.Critical, Phase.Failing)]
    [InlineData(16, PoolCondition.Ok, Phase.Over)]
    [InlineData(240, PoolCondition.Ok, Phase.Over)]
    internal void A_message_of_the_kernel_accuses_nobody_for_long(int age, PoolCondition condition, Phase phase)
    {
        var diagnosis = At(1000, Message(1000 - age));

        var problem = Assert.Single(diagnosis.Problems);
        Assert.Equal((condition, phase), (problem.Condition, problem.Phase));
        Assert.Equal(condition == PoolCondition.Critical, diagnosis.Condition == PoolCondition.Critical);
        if (phase == Phase.Over)
        {
            Assert.EndsWith(
                $": ended {(age < 120 ? $"{age} seconds" : $"{age / 60} minutes")} ago",
                problem.Evidence,
                StringComparison.Ordinal
            );
        }
    }

    Diagnosis At(double second, Reader reader)
    {
        var diagnosis = Diagnosis.Judge(new Snapshot(Start.AddSeconds(second), [reader.RunHere()]), earlier: _timeline);
        _timeline = diagnosis.Timeline;
        return diagnosis;
    }

    static FunctionReader<TcpExtCounters> Drops(int count) =>
        new("", "", _ => TcpExtCounters.Parse(Encoding.ASCII.GetBytes($"TcpExt: ListenDrops\nTcpExt: {count}\n")));

    static FunctionReader<KernelLogEvents> Message(int second) =>
        new("", "", _ => new KernelLogEvents(
            [new(KernelLogKind.ConntrackTableFull, null, Start.AddSeconds(second))],
            new Missing(Absence.NotPermitted, "")
        ));
}
