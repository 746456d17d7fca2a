using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The two pools of ephemeral ports, over TCP and UDP.</summary>
static class EphemeralPortPools
{
    /// <summary>The label value for an address that makes no difference.</summary>
    const string Any = "*";

    /// <summary>Addresses of bind() that are shown of each protocol: the two wildcards and the worst specific ones.</summary>
    const int BindAddresses = 4;

    /// <summary>
    /// One level for each protocol, source and destination. Where bound sockets hold most of the ports, which no destination
    /// can have then, it is the pool of bind() that was used up.
    /// </summary>
    public static Reading<ImmutableArray<PoolLevel>> Connect(Snapshot snapshot) => Levels(snapshot, (protocol, ports) =>
        ports.Connect.Select(use => new PoolLevel(
            use.Used, ports.Limit, Destination(use), [protocol, Source(snapshot, use), Destination(use)])
        {
            IsEffect = 2 * use.Own < use.Used,
        }));

    /// <summary>One level for each protocol and address.</summary>
    public static Reading<ImmutableArray<PoolLevel>> Bind(Snapshot snapshot) => Levels(snapshot, static (protocol, ports) =>
        ports.Bind.Take(BindAddresses).Select(use => new PoolLevel(use.Used, ports.Limit, "", [protocol, use.Address.ToString()])));

    /// <summary>The use behind a level of TCP's connect(); null when it is not in the snapshot.</summary>
    public static ConnectPorts? Find(Snapshot snapshot, PoolLevel level) => Tcp(snapshot).TryGet(out var ports)
        ? ports.Connect.FirstOrDefault(use => Source(snapshot, use) == level.Labels[1] && Destination(use) == level.Labels[2])
        : null;

    /// <summary>Whether all levels of both pools are exact; missing when one of the protocols is.</summary>
    public static Reading<bool> AreExact(Snapshot snapshot) => Tcp(snapshot).Then<bool>(tcp =>
        Udp(snapshot).Select(udp => tcp.IsExact && udp.IsExact));

    /// <summary>Why one protocol is missing beside the other.</summary>
    public static Missing? Shortfall(Snapshot snapshot) =>
        new[] { Tcp(snapshot).Missing, Udp(snapshot).Missing }.FirstOrDefault(static missing => missing is { IsUnseen: true });

    /// <summary>The levels of the protocols that could be read; missing when neither could.</summary>
    static Reading<ImmutableArray<PoolLevel>> Levels(Snapshot snapshot, Func<string, EphemeralPorts, IEnumerable<PoolLevel>> levels)
    {
        var tcp = Tcp(snapshot);
        var udp = Udp(snapshot);
        if (tcp.Missing is { } missing && udp.Missing is not null)
            return missing;
        return ImmutableArray.CreateRange(
            (tcp.TryGet(out var tcpPorts) ? levels("tcp", tcpPorts) : []).Concat(udp.TryGet(out var udpPorts) ? levels("udp", udpPorts) : []));
    }

    static Reading<EphemeralPorts> Tcp(Snapshot snapshot) => snapshot.Get<TcpSockets>().Then(static sockets => sockets.Ports);

    static Reading<EphemeralPorts> Udp(Snapshot snapshot) => snapshot.Get<UdpSockets>().Then(static sockets => sockets.Ports);

    static string Destination(ConnectPorts use) => use.Destination?.ToString() ?? Any;

    /// <summary>The source, with the interface behind a percent sign where the sockets are bound to one.</summary>
    static string Source(Snapshot snapshot, ConnectPorts use) =>
        (use.Source?.ToString() ?? Any) + BoundInterface.Suffix(snapshot, use.Interface);
}
