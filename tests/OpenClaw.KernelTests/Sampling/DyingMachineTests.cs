using System.Globalization;

namespace OpenClaw.KernelTests;

/// <summary>
/// The exporter on a machine that lacks a resource, with a real Prometheus that scrapes it each second. Its answers are
/// true and in time, and it needs nobody to recover or to end. It runs alone: the exporter sees the processes of the
/// machine, and those of other tests come to their limits.
/// </summary>
[Collection(WholeMachine.Name)]
public class DyingMachineTests(DyingMachines machines, ITestOutputHelper output) : IClassFixture<DyingMachines>
{
    public static TheoryData<string> Names => [.. Shortages.All.Select(static shortage => shortage.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Scrapes_are_true_and_in_time_and_the_exporter_recovers_and_ends(string name)
    {
        var seen = await machines.SeeAsync(name);
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{seen.Lasting.Count(static sample => sample.Name == "up")} scrapes, the slowest in "
                    + $"{seen.SlowestSeconds * 1000:F0} ms; recovered after {seen.Recovery.TotalSeconds:F1} s; "
                    + $"ended after {seen.End.TotalMilliseconds:F0} ms; {100 * seen.Processors:F0} % of a CPU"
            )
        );
        output.WriteLine(seen.Logs);

        // A target is up exactly where the exporter could answer.
        var shortage = Shortages.All.Single(shortage => shortage.Name == name);
        AssertUp(shortage.IsAnswered, seen.Lasting);
        AssertUp(shortage.IsReachable, seen.LastingAgain);

        // A value is right, or is not there.
        Assert.All(seen.Established, static sockets =>
            Assert.InRange(sockets, 2 * DyingMachines.Connections, double.MaxValue)
        );
        Assert.True(!seen.MadeUp().Any(), string.Join('\n', seen.MadeUp()));

        Assert.True(shortage.IsShown(seen.Before, seen.Lasting), "neither a full pool nor a failed reader shows it");
        if (shortage.IsBlinding)
            Assert.InRange(seen.Processors, 0, 0.5);

        Assert.Equal(0, seen.ExitCode);
        Assert.InRange(seen.End, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    /// <summary>Asserts that all scrapes succeeded, or none; for null, that there were some.</summary>
    static void AssertUp(bool? isUp, IReadOnlyList<StoredSample> samples)
    {
        var seen = samples.Named("up").Distinct().ToList();
        if (isUp is { } known)
            Assert.Equal([known ? 1 : 0], seen);
        else
            Assert.NotEmpty(seen);
    }
}
