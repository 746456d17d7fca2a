using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// The readers of the sockets of the network namespace. They take them from one dump of inet_diag, or from the files
/// below /proc/net. Without sockets, by the kernel's counts, they ask neither.
/// </summary>
static class SocketReaders
{
    /// <summary>Returns the reader of TCP sockets.</summary>
    /// <param name="proc">The procfs.</param>
    /// <param name="open">Opens a netlink socket.</param>
    /// <param name="worst">The number of destinations, addresses and listeners that are kept by name.</param>
    /// <param name="servicePorts">The ports of known services, whose sockets are kept.</param>
    public static Reader<TcpSockets> Tcp(
        ProcMount proc,
        Func<TimeSpan, Reading<INetlinkTransport>> open,
        int worst,
        ServicePortList? servicePorts = null
    ) =>
        Reader(
            "tcp_sockets",
            new TcpSources(proc, open, worst, servicePorts),
            "inet_diag, TCPDIAG_GETSOCK",
            "/proc/net/tcp, tcp6",
            "bound-only sockets, backlogs, cgroups, interfaces and IPV6_V6ONLY"
        );

    /// <summary>Returns the reader of UDP sockets.</summary>
    /// <inheritdoc cref="Tcp"/>
    public static Reader<UdpSockets> Udp(ProcMount proc, Func<TimeSpan, Reading<INetlinkTransport>> open, int worst) =>
        Reader(
            "udp_sockets",
            new UdpSources(proc, open, worst),
            "inet_diag, SOCK_DIAG_BY_FAMILY",
            "/proc/net/udp, udp6",
            "interfaces and IPV6_V6ONLY"
        );

    static SourcesReader<T> Reader<T>(string name, SocketSources<T> sources, string dump, string files, string lacks) =>
        new(name, new(dump, sampling => sources.ReadDump(dump, sampling)), new(files, sources.ReadFiles, lacks))
        {
            Needs = [typeof(EphemeralPortSettings)],
            Cost = ReaderCost.Large,
            Patience = TimeSpan.MaxValue,
        };
}
