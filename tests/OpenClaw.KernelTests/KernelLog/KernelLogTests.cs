using OpenClaw.Kernel.KernelLog;

namespace OpenClaw.KernelTests;

[Collection(WholeMachine.Name)]
public class KernelLogTests
{
    /// <summary>The kernel logs it once per listener.</summary>
    [Fact]
    [Provokes("kernel_log_event_timestamp_seconds syn_flooding")]
    public void A_full_queue_of_half_open_connections_is_seen_as_SYN_flooding() =>
        Assert.Null(Flood().NetworkNamespace);

    [Fact]
    public void A_reader_that_begins_later_sees_what_the_log_still_holds()
    {
        var seen = Flood();
        using var netns = new PrivateNamespace();

        var log = netns.Read<KernelLogEvents>(KernelSampling.Readers()).Value;

        Assert.InRange(
            log.Events.Single(static found => found.Kind == KernelLogKind.SynFlooding).LastSeen - seen.LastSeen,
            TimeSpan.FromMilliseconds(-100),
            TimeSpan.FromSeconds(30)
        );
        Assert.Equal(
            netns.Run(static () => new FileInfo("/proc/thread-self/ns/net").LinkTarget),
            $"net:[{log.OwnNetworkNamespace}]"
        );
    }

    static KernelLogEvent Flood() =>
        new KernelLogSince(KernelLogKind.SynFlooding).Await(static () =>
        {
            using var netns = new PrivateNamespace();
            using var listener = netns.SendSyns("127.0.0.1", backlog: 1, count: 10);
        });
}
