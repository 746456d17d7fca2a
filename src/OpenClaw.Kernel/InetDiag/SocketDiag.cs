using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.InetDiag;

/// <summary>The inet_diag requests that together show every TCP or UDP socket of a network namespace.</summary>
static class SocketDiag
{
    /// <summary>All states of sockets, one bit each.</summary>
    public const uint EveryState = uint.MaxValue;

    /// <summary>
    /// TCP_BOUND_INACTIVE: bound, neither listening nor connected (Linux 6.8). The kernel keeps these sockets in a hash
    /// of their own.
    /// </summary>
    public const uint BoundOnly = 1u << 13;

    /// <summary>The listeners, which the kernel keeps in a hash of their own, too.</summary>
    public const uint Listeners = 1u << (int)TcpState.Listen;

    const uint PortHolders = Listeners | BoundOnly;

    static readonly (byte Family, byte Protocol)[] TcpFamilies =
    [
        (SysSocket.AF_INET, SysSocket.IPPROTO_TCP),
        (SysSocket.AF_INET6, SysSocket.IPPROTO_TCP),
    ];
    static readonly (byte Family, byte Protocol)[] UdpFamilies =
    [
        (SysSocket.AF_INET, SysSocket.IPPROTO_UDP),
        (SysSocket.AF_INET6, SysSocket.IPPROTO_UDP),
    ];

    /// <summary>
    /// Dumps every TCP socket in these states, first those that hold a port without a connection. TCPDIAG_GETSOCK shows
    /// both families in one walk of the socket hash, which holds the sockets of the whole machine. Where the kernel
    /// refuses that, each family is requested by itself. The sockets with ports of both families come first then, too.
    /// </summary>
    public static Missing? DumpTcp(NetlinkDump dump, ISocketFold fold, uint states, Deadline deadline)
    {
        var legacy = new LinuxInetDiag.inet_diag_req { idiag_family = SysSocket.AF_INET, idiag_states = states };
        var refused = dump.Run(LinuxInetDiag.TCPDIAG_GETSOCK, legacy, fold, deadline);
        if (refused is not { Reason: Absence.NotPresent or Absence.Failed })
            return refused;
        fold.Restart();
        return DumpFamilies(dump, fold, TcpFamilies, states & PortHolders, deadline)
            ?? DumpFamilies(dump, fold, TcpFamilies, states & ~PortHolders, deadline);
    }

    /// <summary>
    /// Dumps the TCP sockets in these states whose own port is between two. The kernel leaves out the others, which
    /// saves most of their cost.
    /// </summary>
    public static Missing? DumpTcpPorts(
        NetlinkDump dump,
        ISocketFold fold,
        uint states,
        ushort first,
        ushort last,
        Deadline deadline
    )
    {
        var request = new LinuxInetDiag.inet_diag_req_between
        {
            request = new() { idiag_family = SysSocket.AF_INET, idiag_states = states },
            filter = LinuxInetDiag.inet_diag_between.SourcePorts(first, last),
        };
        var refused = dump.Run(LinuxInetDiag.TCPDIAG_GETSOCK, request, fold, deadline);
        if (refused is not { Reason: Absence.NotPresent or Absence.Failed })
            return refused;
        fold.Restart();
        return DumpTcp(dump, fold, states, deadline);
    }

    /// <summary>Dumps the TCP sockets that are only bound, besides sockets that the fold has already.</summary>
    public static Missing? DumpBoundOnly(NetlinkDump dump, ISocketFold fold, Deadline deadline)
    {
        var legacy = new LinuxInetDiag.inet_diag_req { idiag_family = SysSocket.AF_INET, idiag_states = BoundOnly };
        var refused = dump.Run(LinuxInetDiag.TCPDIAG_GETSOCK, legacy, fold, deadline);
        return refused is { Reason: Absence.NotPresent }
            ? DumpFamilies(dump, fold, TcpFamilies, BoundOnly, deadline)
            : refused;
    }

    /// <summary>Dumps every UDP socket.</summary>
    public static Missing? DumpUdp(NetlinkDump dump, ISocketFold fold, Deadline deadline) =>
        DumpFamilies(dump, fold, UdpFamilies, EveryState, deadline);

    static Missing? DumpFamilies(
        NetlinkDump dump,
        ISocketFold fold,
        ReadOnlySpan<(byte Family, byte Protocol)> families,
        uint states,
        Deadline deadline
    )
    {
        foreach (var (family, protocol) in families)
        {
            var request = new LinuxInetDiag.inet_diag_req_v2
            {
                sdiag_family = family,
                sdiag_protocol = protocol,
                idiag_states = states,
            };
            var failure = dump.Run(LinuxInetDiag.SOCK_DIAG_BY_FAMILY, request, fold, deadline);

            // A machine without IPv6 has no IPv6 sockets. This is no failure.
            if (failure is not null && !(failure.Reason == Absence.NotPresent && family == SysSocket.AF_INET6))
                return failure;
        }

        return null;
    }
}
