using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Interop;

namespace OpenClaw.Kernel.Conntrack;

/// <summary>
/// Counts the translated source ports in a dump of connection tracking. The reply's tuple is unique in a zone, so each
/// entry of a group has a port of its own, and a count suffices. The dump has the order of hashes: a group with many
/// entries comes early, and so before the limit on groups.
/// </summary>
sealed class TranslatedPortFold
{
    /// <summary>The limit on groups. Each takes about 100 bytes.</summary>
    public const int GroupsAtMost = 8192;

    /// <summary>The least number of ports that make a block: fewer may be neighbours by chance.</summary>
    const int BlockAtLeast = 4;

    readonly Dictionary<Key, Ports> _groups = [];
    readonly Dictionary<(Key Group, SocketAddress Source), long> _sources = [];
    long _uncounted;

    /// <summary>Adds a connection. Only one whose source was translated counts.</summary>
    public void Add(in TrackedConnection connection)
    {
        var isTranslated = (connection.Status & LinuxNfnetlink.IPS_SRC_NAT) != 0;
        if (isTranslated && connection.Reply.Protocol is SysSocket.IPPROTO_TCP or SysSocket.IPPROTO_UDP)
            Count(connection.Original, connection.Reply, connection.Zone);
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
                    .Take(TranslatedPorts.AtMost)
                    .Select(group => group with { Sources = SourcesOf(group) }),
            ],
            _uncounted
        );

    void Count(in ConnectionTuple original, in ConnectionTuple reply, ushort zone)
    {
        var key = new Key(reply.Protocol, reply.Destination, reply.Source, reply.SourcePort, zone);
        if (_groups.Count >= GroupsAtMost && !_groups.ContainsKey(key))
        {
            _uncounted++;
            return;
        }

        if (_sources.Count < GroupsAtMost || _sources.ContainsKey((key, original.Source)))
            CollectionsMarshal.GetValueRefOrAddDefault(_sources, (key, original.Source), out _)++;
        var port = reply.DestinationPort;
        ref var ports = ref CollectionsMarshal.GetValueRefOrAddDefault(_groups, key, out var isKnown);
        ports.Used++;
        ports.Changed += port == original.SourcePort ? 0 : 1;
        ports.Lowest = isKnown ? Math.Min(ports.Lowest, port) : port;
        ports.Highest = Math.Max(ports.Highest, port);
    }

    /// <summary>Returns the untranslated sources of a group with most connections, in all its zones.</summary>
    ImmutableArray<TrackedSource> SourcesOf(TranslatedPortGroup group) =>
        [
            .. _sources
                .Where(source =>
                    source.Key.Group is var key
                    && key.Protocol == (byte)group.Protocol
                    && (key.Address, key.Remote, key.RemotePort)
                        == (group.Address, group.Remote, (ushort)group.RemotePort)
                )
                .OrderByDescending(static source => source.Value)
                .ThenBy(static source => source.Key.Source)
                .Take(TrackedConnections.AtMost)
                .Select(static source => new TrackedSource(source.Key.Source, source.Value)),
        ];

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
