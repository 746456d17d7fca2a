using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Netlink;

namespace OpenClaw.Kernel.Conntrack;

/// <summary>
/// Counts the translated source ports in a dump of connection tracking. The reply's tuple is unique in a zone, so each
/// entry of a group has a port of its own, and a count suffices. The dump has the order of hashes: a group with many
/// entries comes early, and so before the limit on groups.
/// </summary>
sealed class TranslatedPortFold : INetlinkFold
{
    /// <summary>The limit on groups. Each takes about 100 bytes.</summary>
    public const int GroupsAtMost = 8192;

    /// <summary>The least number of ports that make a block: fewer may be neighbours by chance.</summary>
    const int BlockAtLeast = 4;

    readonly Dictionary<Key, Ports> _groups = [];
    long _uncounted;

    public bool TryAdd(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < Unsafe.SizeOf<LinuxNfnetlink.nfgenmsg>())
            return false;
        var attributes = new NetlinkAttributes(payload[Unsafe.SizeOf<LinuxNfnetlink.nfgenmsg>()..]);
        TranslatedTuple original = default,
            reply = default;
        ushort zone = 0;
        uint status = 0;
        while (attributes.MoveNext())
        {
            var value = attributes.CurrentPayload;
            switch (attributes.CurrentType)
            {
                case LinuxNfnetlink.CTA_TUPLE_ORIG when !TranslatedTuple.TryParse(value, out original):
                case LinuxNfnetlink.CTA_TUPLE_REPLY when !TranslatedTuple.TryParse(value, out reply):
                case LinuxNfnetlink.CTA_STATUS when !BinaryPrimitives.TryReadUInt32BigEndian(value, out status):
                case LinuxNfnetlink.CTA_ZONE when !BinaryPrimitives.TryReadUInt16BigEndian(value, out zone):
                    return false;
            }
        }

        // Kernels before 5.12 ignore the filter of the request.
        var isTranslated = (status & LinuxNfnetlink.IPS_SRC_NAT) != 0;
        if (isTranslated && reply.Protocol is SysSocket.IPPROTO_TCP or SysSocket.IPPROTO_UDP)
            Count(original, reply, zone);
        return !attributes.IsMalformed;
    }

    /// <summary>Returns the fullest groups, with their limits.</summary>
    /// <param name="ranges">The ranges of ports in the rules.</param>
    /// <param name="isFailing">True where connections fail to enter the table.</param>
    public TranslatedPorts ToTranslatedPorts(IReadOnlyCollection<PortRange> ranges, bool isFailing) =>
        new(
            [
                .. _groups
                    .Select(group => ToGroup(group.Key, group.Value, ranges, isFailing))
                    .OrderByDescending(static group => group.Fill)
                    .ThenByDescending(static group => group.Used)
                    .ThenBy(static group => group.Remote)
                    .ThenBy(static group => group.RemotePort)
                    // The same group in two zones has ports of its own in each. The fuller one stands for both.
                    .DistinctBy(static group => (group.Protocol, group.Address, group.Remote, group.RemotePort))
                    .Take(TranslatedPorts.AtMost),
            ],
            _uncounted
        );

    void Count(in TranslatedTuple original, in TranslatedTuple reply, ushort zone)
    {
        var key = new Key(reply.Protocol, reply.Destination, reply.Source, reply.SourcePort, zone);
        if (_groups.Count >= GroupsAtMost && !_groups.ContainsKey(key))
        {
            _uncounted++;
            return;
        }

        var port = reply.DestinationPort;
        ref var ports = ref CollectionsMarshal.GetValueRefOrAddDefault(_groups, key, out var isKnown);
        ports.Used++;
        ports.Changed += port == original.SourcePort ? 0 : 1;
        ports.Lowest = isKnown ? Math.Min(ports.Lowest, port) : port;
        ports.Highest = Math.Max(ports.Highest, port);
    }

    static TranslatedPortGroup ToGroup(Key key, Ports ports, IReadOnlyCollection<PortRange> ranges, bool isFailing)
    {
        var (limit, source) = Limit(ports, ranges, isFailing);
        return new(
            (TranslatedProtocol)key.Protocol,
            key.Address,
            key.Remote,
            key.RemotePort,
            ports.Used,
            ports.Lowest,
            ports.Highest
        )
        {
            Changed = ports.Changed,
            Limit = limit,
            LimitSource = source,
        };
    }

    /// <summary>
    /// Returns the narrowest range of a rule that has all ports of a group. Without a rule, the kernel keeps the port
    /// of the connection where it is free, and else takes any of its choice at random. So where most ports were changed
    /// and form a block without a gap, they come from a range that could not be read. While connections fail, that
    /// block is the range.
    /// </summary>
    static (int Limit, PortLimitSource Source) Limit(
        in Ports ports,
        IReadOnlyCollection<PortRange> ranges,
        bool isFailing
    )
    {
        PortRange? narrowest = null;
        foreach (var range in ranges)
        {
            if (range.Contains(ports.Lowest, ports.Highest) && !(narrowest?.Count <= range.Count))
                narrowest = range;
        }

        if (narrowest is { } found)
            return (found.Count, PortLimitSource.Rule);
        var isBlock = ports.Used >= BlockAtLeast && ports.Highest - ports.Lowest + 1 == ports.Used;
        return isFailing && isBlock && 2 * ports.Changed > ports.Used
            ? (ports.Used, PortLimitSource.Block)
            : (PortRange.OfKernel(ports.Lowest, ports.Highest).Count, PortLimitSource.Kernel);
    }

    readonly record struct Key(
        byte Protocol,
        SocketAddress Address,
        SocketAddress Remote,
        ushort RemotePort,
        ushort Zone
    );

    struct Ports
    {
        public int Used,
            Changed,
            Lowest,
            Highest;
    }
}
