using OpenClaw.Kernel.KernelLog;

namespace OpenClaw.KernelTests;

public class KernelLogTests
{
    static readonly TimeSpan Recent = TimeSpan.FromSeconds(10);

    [Fact]
    [Provokes("kernel_log_event_timestamp_seconds syn_flooding")]
    public void A_full_queue_of_half_open_connections_is_seen_as_SYN_flooding()
    {
        using var netns = new PrivateNamespace();
        var readers = KernelSampling.Readers();
        var before = netns.Read<KernelLogEvents>(readers);
        Assert.SkipWhen(before.Missing is not null, $"needs the kernel log: {before}");
        var start = DateTimeOffset.UtcNow;

        using var listener = netns.SendSyns("127.0.0.1", backlog: 1, count: 10);

        var flooding = netns.Read<KernelLogEvents>(readers).Value.Events.Single(static seen => seen.Kind == KernelLogKind.SynFlooding);
        Assert.InRange(flooding.LastSeen, start - TimeSpan.FromSeconds(1), start + Recent);
        Assert.Null(flooding.NetworkNamespace);
        Assert.DoesNotContain(before.Value.Events, seen => seen.Kind == KernelLogKind.SynFlooding && seen.LastSeen >= start);
    }

    [Fact]
    public void A_reader_that_begins_later_sees_what_the_log_still_holds()
    {
        using var netns = new PrivateNamespace();
        using var listener = netns.SendSyns("127.0.0.1", backlog: 1, count: 10);

        var log = netns.Read<KernelLogEvents>(KernelSampling.Readers());

        Assert.SkipWhen(log.Missing is not null, $"needs the kernel log: {log}");
        Assert.Contains(log.Value.Events, static seen => seen.Kind == KernelLogKind.SynFlooding);
        Assert.Equal(netns.Run(static () => new FileInfo("/proc/thread-self/ns/net").LinkTarget), $"net:[{log.Value.OwnNetworkNamespace}]");
    }
}
