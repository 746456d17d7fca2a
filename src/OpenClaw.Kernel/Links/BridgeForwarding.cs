using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Links;

/// <summary>The forwarding databases (FDB) of the bridges of one network namespace.</summary>
/// <param name="EntriesByBridge">The number of MAC addresses that a bridge knows (learned, static and its own), by the
/// index of the bridge.</param>
public sealed record BridgeForwarding(IReadOnlyDictionary<int, long> EntriesByBridge) : IPerNamespace;

/// <summary>Counts the entries of a RTM_GETNEIGH dump of AF_BRIDGE, by bridge.</summary>
sealed class BridgeForwardingFold : INetlinkFold
{
    readonly Dictionary<int, long> _entries = [];

    public BridgeForwarding ToBridgeForwarding() => new(new Dictionary<int, long>(_entries));

    public bool TryAdd(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < Unsafe.SizeOf<LinuxNeighbour.ndmsg>())
            return false;
        var attributes = new NetlinkAttributes(payload[Unsafe.SizeOf<LinuxNeighbour.ndmsg>()..]);
        while (attributes.MoveNext())
        {
            // Addresses that an interface itself receives, and those of a VXLAN, have no master. No bridge holds them.
            if (
                attributes.CurrentType == LinuxNeighbour.NDA_MASTER
                && MemoryMarshal.TryRead<int>(attributes.CurrentPayload, out var bridge)
            )
            {
                CollectionsMarshal.GetValueRefOrAddDefault(_entries, bridge, out _)++;
            }
        }

        return !attributes.IsMalformed;
    }
}

/// <summary>
/// Reads the forwarding database of every bridge of the namespace in one dump. Without a bridge, it sends no request.
/// </summary>
sealed class BridgeForwardingReader(Func<TimeSpan, Reading<INetlinkTransport>> open)
    : Reader<BridgeForwarding>("bridge_forwarding", "rtnetlink, RTM_GETNEIGH of AF_BRIDGE")
{
    public override ImmutableArray<Type> Needs { get; init; } = [typeof(NetworkInterfaces)];

    protected override Reading<BridgeForwarding> Read(SamplingPass sampling) =>
        sampling.Get<NetworkInterfaces>().TryGet(out var interfaces)
        && !interfaces.All.Any(static link => link.IsBridge)
            ? new BridgeForwarding(new Dictionary<int, long>())
            : Dump(sampling.Deadline);

    Reading<BridgeForwarding> Dump(Deadline deadline) =>
        open(deadline.Remaining)
            .Then(transport =>
            {
                using (transport as IDisposable)
                {
                    var request = new LinuxNeighbour.ndmsg { ndm_family = SysSocket.AF_BRIDGE };
                    return new NetlinkDump(transport, Source)
                        .RunUndisturbed(
                            LinuxRtnetlink.RTM_GETNEIGH,
                            request,
                            static () => new BridgeForwardingFold(),
                            deadline
                        )
                        .Select(static fold => fold.ToBridgeForwarding());
                }
            });
}
