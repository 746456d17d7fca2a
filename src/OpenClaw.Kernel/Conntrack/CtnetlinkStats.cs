using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Conntrack;

/// <summary>
/// Reads connection tracking by ctnetlink, for kernels without /proc/net/stat/nf_conntrack
/// (CONFIG_NF_CONNTRACK_PROCFS). Every request needs CAP_NET_ADMIN in the network namespace. nfnetlink checks that
/// first, even where there is no connection tracking. A request may load the module, so callers ask only where
/// nf_conntrack_count exists.
/// </summary>
static class CtnetlinkStats
{
    /// <summary>The capability that every request needs.</summary>
    public const string Capability = "CAP_NET_ADMIN";

    /// <summary>The source that <see cref="Read"/> reports.</summary>
    public const string Source = "ctnetlink, IPCTNL_MSG_CT_GET_STATS_CPU";

    /// <summary>Reads the failures of this namespace, summed over the CPUs.</summary>
    public static Reading<ConntrackFailures> Read(Func<TimeSpan, Reading<INetlinkTransport>> open, Deadline deadline) =>
        open(deadline.Remaining)
            .Then<ConntrackFailures>(transport =>
            {
                using (transport as IDisposable)
                {
                    var fold = new FailureFold();
                    return
                        new NetlinkDump(transport, Source).Run(
                            LinuxNfnetlink.IPCTNL_MSG_CT_GET_STATS_CPU,
                            default(LinuxNfnetlink.nfgenmsg),
                            fold,
                            deadline
                        )
                            is { } failure
                        ? failure
                        : fold.ToConntrackFailures();
                }
            });

    /// <summary>Adds up the message of each CPU.</summary>
    sealed class FailureFold : INetlinkFold
    {
        long _drops,
            _earlyDrops,
            _insertFailures,
            _clashes,
            _chainTooLong;

        public ConntrackFailures ToConntrackFailures() =>
            new(_drops, _earlyDrops, _insertFailures, _clashes, _chainTooLong);

        public bool TryAdd(ReadOnlySpan<byte> payload)
        {
            if (!TryAttributes(payload, out var attributes))
                return false;
            while (attributes.MoveNext())
            {
                if (!BinaryPrimitives.TryReadUInt32BigEndian(attributes.CurrentPayload, out var value))
                    continue;
                switch (attributes.CurrentType)
                {
                    case LinuxNfnetlink.CTA_STATS_DROP:
                        _drops += value;
                        break;
                    case LinuxNfnetlink.CTA_STATS_EARLY_DROP:
                        _earlyDrops += value;
                        break;
                    case LinuxNfnetlink.CTA_STATS_INSERT_FAILED:
                        _insertFailures += value;
                        break;
                    case LinuxNfnetlink.CTA_STATS_CLASH_RESOLVE:
                        _clashes += value;
                        break;
                    case LinuxNfnetlink.CTA_STATS_CHAIN_TOOLONG:
                        _chainTooLong += value;
                        break;
                }
            }

            return !attributes.IsMalformed;
        }
    }

    static bool TryAttributes(ReadOnlySpan<byte> payload, out NetlinkAttributes attributes)
    {
        var isLongEnough = payload.Length >= Unsafe.SizeOf<LinuxNfnetlink.nfgenmsg>();
        attributes = isLongEnough ? new(payload[Unsafe.SizeOf<LinuxNfnetlink.nfgenmsg>()..]) : default;
        return isLongEnough;
    }
}
