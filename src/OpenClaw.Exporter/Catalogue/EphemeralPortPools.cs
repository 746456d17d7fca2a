using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The two pools of ephemeral ports, over TCP and UDP.</summary>
static class EphemeralPortPools
{
    /// <summary>
    /// The limit on addresses of bind() that are shown for each protocol: the two wildcards and the worst specific
    /// ones.
    /// </summary>
    const int BindAddresses = 4;

    /// <summary>The part of the ports that may be taken unseen without a change of the answer.</summary>
    const double DoubtAtMost = 0.01;

    /// <summary>
    /// Reads one level for each protocol, source and destination. Where bound sockets hold most of the ports, which are
    /// then taken for every destination, the pool of bind() is the cause.
    /// </summary>
    public static Reading<ImmutableArray<PoolLevel>> Connect(NamespaceView view) =>
        Levels(view, (protocol, ports) =>
            ports.Connect.Select(use => new PoolLevel(
                use.Used,
                ports.Limit,
                new ConnectSubject(protocol, use, BoundInterface.Suffix(view, use.Interface))
            )
            {
                IsEffect = 2 * use.Own < use.Used,
                IsRepeated =
                    use.Source == SocketAddress.AnyIPv6
                    && ports.Connect.Contains(use with { Source = SocketAddress.AnyIPv4 }),
            })
        );

    /// <summary>Reads one level for each protocol and address.</summary>
    public static Reading<ImmutableArray<PoolLevel>> Bind(NamespaceView view) =>
        Levels(view, static (protocol, ports) =>
            ports
                .Bind.Take(BindAddresses)
                .Select(use => new PoolLevel(use.Used, ports.Limit, new BindSubject(protocol, use))
                {
                    IsRepeated =
                        use.Address == SocketAddress.AnyIPv6
                        && ports.Bind.Contains(use with { Address = SocketAddress.AnyIPv4 }),
                })
        );

    /// <summary>
    /// Returns true where all levels of both pools are exact. Missing when one of the protocols is missing.
    /// </summary>
    public static Reading<bool> AreExact(NamespaceView view) =>
        Tcp(view).Then<bool>(tcp => Udp(view).Select(udp => tcp.IsExact && udp.IsExact));

    /// <summary>
    /// Returns the reason why one protocol is missing although the other was read, or why many ports may be taken
    /// unseen.
    /// </summary>
    public static Missing? Shortfall(NamespaceView view) =>
        new[] { Tcp(view).Missing, Udp(view).Missing, Unlisted(view) }.FirstOrDefault(static missing =>
            missing is { Outcome: Outcome.Unseen or Outcome.NotAsked or Outcome.Gone }
        );

    static Missing? Unlisted(NamespaceView view) =>
        view.Get<TcpSockets>().TryGet(out var tcp)
        && tcp.Ports.TryGet(out var ports)
        && tcp.Unlisted > DoubtAtMost * ports.Limit
            ? new(
                Absence.Failed,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"nothing here shows the ports of sockets that are only bound: up to {tcp.Unlisted:N0}"
                )
            )
            : null;

    /// <summary>Returns the levels of the protocols that could be read; missing when neither could be read.</summary>
    static Reading<ImmutableArray<PoolLevel>> Levels(
        NamespaceView view,
        Func<PortProtocol, EphemeralPorts, IEnumerable<PoolLevel>> levels
    )
    {
        var tcp = Tcp(view);
        var udp = Udp(view);
        if (tcp.Missing is { } missing && udp.Missing is not null)
            return missing;
        return ImmutableArray.CreateRange(
            (tcp.TryGet(out var tcpPorts) ? levels(PortProtocol.Tcp, tcpPorts) : []).Concat(
                udp.TryGet(out var udpPorts) ? levels(PortProtocol.Udp, udpPorts) : []
            )
        );
    }

    static Reading<EphemeralPorts> Tcp(NamespaceView view) =>
        view.Get<TcpSockets>().Then(static sockets => sockets.Ports);

    static Reading<EphemeralPorts> Udp(NamespaceView view) =>
        view.Get<UdpSockets>().Then(static sockets => sockets.Ports);
}
