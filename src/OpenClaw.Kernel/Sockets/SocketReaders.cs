using System.Collections.Immutable;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// The readers of the sockets of the network namespace. They take them from a program in the kernel, from one dump of
/// inet_diag, or from the files below /proc/net. Without sockets, by the kernel's counts, they ask none.
/// </summary>
static class SocketReaders
{
    /// <summary>Returns the reader of TCP sockets.</summary>
    /// <param name="proc">The procfs.</param>
    /// <param name="open">Opens a netlink socket.</param>
    /// <param name="worst">The number of destinations, addresses and listeners that are kept by name.</param>
    /// <param name="servicePorts">The ports of known services, whose sockets are kept.</param>
    /// <param name="program">The program in the kernel that counts the sockets; null to do without it.</param>
    /// <param name="few">The sockets of the machine below which the dump comes first.</param>
    public static Reader<TcpSockets> Tcp(
        ProcMount proc,
        Func<TimeSpan, Reading<INetlinkTransport>> open,
        int worst,
        ServicePortList? servicePorts = null,
        Lazy<Reading<TcpWalkProgram>>? program = null,
        int few = TcpSources.FewSockets
    )
    {
        var sources = new TcpSources(proc, open, worst, servicePorts, few);
        return Reader(
            "tcp_sockets",
            sources,
            "inet_diag, TCPDIAG_GETSOCK",
            "/proc/net/tcp, tcp6",
            "bound-only sockets, backlogs, cgroups, interfaces and IPV6_V6ONLY",
            first: program is null
                ? []
                :
                [
                    new("bpf and inet_diag", sampling =>
                        sources.ReadWalk("inet_diag, TCPDIAG_GETSOCK", program, sampling)
                    )
                    {
                        Adds = "exact numbers of free ports, round trips and retransmits",
                    },
                ]
        );
    }

    /// <summary>Returns the reader of UDP sockets.</summary>
    /// <param name="proc">The procfs.</param>
    /// <param name="open">Opens a netlink socket.</param>
    /// <param name="worst">The number of addresses that are kept by name.</param>
    /// <param name="program">The program in the kernel that collects the ports; null to do without it.</param>
    /// <param name="few">The sockets of the namespace below which the dump is read.</param>
    public static Reader<UdpSockets> Udp(
        ProcMount proc,
        Func<TimeSpan, Reading<INetlinkTransport>> open,
        int worst,
        Lazy<Reading<UdpWalkProgram>>? program = null,
        int few = UdpSources.FewSockets
    )
    {
        const string dump = "inet_diag, SOCK_DIAG_BY_FAMILY";
        var sources = new UdpSources(proc, open, worst, few);
        return Reader(
            "udp_sockets",
            sources,
            dump,
            "/proc/net/udp, udp6",
            "interfaces and IPV6_V6ONLY",
            first: program is null
                ? []
                : [new("bpf iter/udp", sampling => sources.ReadWalk(dump, program, sampling)) { Adds = "" }]
        );
    }

    static SourcesReader<T> Reader<T>(
        string name,
        SocketSources<T> sources,
        string dump,
        string files,
        string lacks,
        params ImmutableArray<Source<T>> first
    ) =>
        new(
            name,
            [.. first, new(dump, sampling => sources.ReadDump(dump, sampling)), new(files, sources.ReadFiles, lacks)]
        )
        {
            Needs = [typeof(EphemeralPortSettings)],
            Cost = ReaderCost.Large,
            Patience = TimeSpan.MaxValue,
        };
}
