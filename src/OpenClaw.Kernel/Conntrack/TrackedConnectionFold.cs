using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Netlink;

namespace OpenClaw.Kernel.Conntrack;

/// <summary>
/// Counts the entries of connection tracking by source, destination and state, and the source ports of address
/// translation. The dump has the order of hashes, so a frequent end comes early, and before the limit on ends.
/// </summary>
sealed class TrackedConnectionFold : INetlinkFold
{
    /// <summary>The limit on sources, and on destinations, that are told apart.</summary>
    const int EndsAtMost = 8192;

    /// <summary>The states of enum tcp_conntrack, in its order.</summary>
    static readonly ImmutableArray<string> TcpStates =
    [
        "NONE",
        "SYN_SENT",
        "SYN_RECV",
        "ESTABLISHED",
        "FIN_WAIT",
        "CLOSE_WAIT",
        "LAST_ACK",
        "TIME_WAIT",
        "CLOSE",
        "SYN_SENT2",
    ];

    readonly Dictionary<SocketAddress, long> _sources = [];
    readonly Dictionary<(SocketAddress Address, ushort Port, byte Protocol), long> _destinations = [];
    readonly Dictionary<(byte Protocol, string Name), long> _states = [];
    long _entries;

    /// <summary>The source ports of address translation.</summary>
    public TranslatedPortFold Translated { get; } = new();

    public bool TryAdd(ReadOnlySpan<byte> payload)
    {
        if (!TrackedConnection.TryRead(payload, out var connection))
            return false;
        _entries++;
        var (original, protocol) = (connection.Original, connection.Original.Protocol);
        Count(_sources, original.Source);
        Count(_destinations, (original.Destination, original.DestinationPort, protocol));
        Count(_states, (protocol, StateOf(connection)));
        Translated.Add(connection);
        return true;
    }

    /// <summary>Returns the most frequent ends and states.</summary>
    /// <param name="ranges">The ranges of source ports in the rules of address translation.</param>
    /// <param name="isFailing">True where connections fail to enter the table.</param>
    public TrackedConnections ToTrackedConnections(IReadOnlyCollection<PortRange> ranges, bool isFailing) =>
        new(
            _entries,
            [
                .. _sources
                    .OrderByDescending(static source => source.Value)
                    .ThenBy(static source => source.Key)
                    .Take(TrackedConnections.AtMost)
                    .Select(static source => new TrackedSource(source.Key, source.Value)),
            ],
            [
                .. _destinations
                    .OrderByDescending(static destination => destination.Value)
                    .ThenBy(static destination => destination.Key.Address)
                    .ThenBy(static destination => destination.Key.Port)
                    .Take(TrackedConnections.AtMost)
                    .Select(static destination => new TrackedDestination(
                        destination.Key.Protocol,
                        destination.Key.Address,
                        destination.Key.Port,
                        destination.Value
                    )),
            ],
            [
                .. _states
                    .OrderByDescending(static state => state.Value)
                    .ThenBy(static state => state.Key.Name, StringComparer.Ordinal)
                    .Select(static state => new TrackedState(state.Key.Protocol, state.Key.Name, state.Value)),
            ],
            Translated.ToTranslatedPorts(ranges, isFailing)
        );

    static string StateOf(in TrackedConnection connection)
    {
        if (connection.Original.Protocol == SysSocket.IPPROTO_TCP && connection.TcpState < TcpStates.Length)
            return TcpStates[connection.TcpState];
        return (connection.Status & LinuxNfnetlink.IPS_SEEN_REPLY) == 0 ? "UNREPLIED" : "REPLIED";
    }

    static void Count<T>(Dictionary<T, long> counts, T key)
        where T : notnull
    {
        if (counts.Count < EndsAtMost || counts.ContainsKey(key))
            CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _)++;
    }
}
