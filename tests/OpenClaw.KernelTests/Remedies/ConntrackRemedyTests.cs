using System.Globalization;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.Text;
using static OpenClaw.KernelTests.PublishedDiagnosis;
using static OpenClaw.KernelTests.TrackedPeers;

namespace OpenClaw.KernelTests;

/// <summary>
/// Tests the remedy, as <see cref="RemedyTests"/> does, for the table with entries per namespace and a limit of the
/// machine. The command runs on the machine. The former limit is restored, however the test ends.
/// </summary>
[Collection(WholeMachine.Name)]
public class ConntrackRemedyTests
{
    const string Setting = "/proc/sys/net/netfilter/nf_conntrack_max";

    [Fact]
    public async Task Entries_of_connection_tracking()
    {
        var maximum = Maximum();
        var former = maximum.ToString(CultureInfo.InvariantCulture);
        using var netns = new PrivateNamespace();
        Track(netns);
        SkipUnlessWritable(former);
        FillForGood(netns, maximum);
        netns.Run(() => SendToPeers(maximum, 1));
        Assert.Equal((maximum, 1), (Count(netns), Drops(netns)));

        var worst = await WorstAsync(netns);
        Assert.Equal("conntrack_entries", WhatAndWho(worst));
        Assert.Equal(("critical", 1), (Text(worst, "condition"), worst.GetProperty("utilization").GetDouble()));
        Assert.StartsWith("on the host itself", Text(worst.GetProperty("remedy"), "where"), StringComparison.Ordinal);
        Assert.Equal($"sysctl -w net.netfilter.nf_conntrack_max={2 * maximum}", CommandOf(worst));
        try
        {
            await SucceedsAsync(ChildProcess.Start, "bash", "-c", CommandOf(worst));

            netns.Run(() => SendToPeers(maximum, 1));
            Assert.Equal((maximum + 1, 1), (Count(netns), Drops(netns)));
            Assert.NotEqual("critical", await ConditionAsync(netns));
        }
        finally
        {
            await File.WriteAllTextAsync(Setting, former, CancellationToken.None);
        }
    }

    static int Count(PrivateNamespace netns) =>
        (int)netns.Run(static () => ConntrackTable.Read(new ProcMount())).Value.Count;

    static double Drops(PrivateNamespace netns) =>
        netns.SnapshotOf("conntrack_failures").Symptom("conntrack_drops_total")[""];

    static void SkipUnlessWritable(string value)
    {
        try
        {
            File.WriteAllText(Setting, value);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            Assert.Skip($"needs to write {Setting}: {error.Message}");
        }
    }
}
