using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// The protocols that have sockets in a network namespace, by the kernel's cheap counts. These miss the kernel's own
/// IPv6 sockets where no program has one.
/// </summary>
/// <param name="Counts">The numbers of /proc/net/sockstat.</param>
/// <param name="TcpInUse">The lowest possible number of TCP sockets, of both families, that are connected or
/// listen.</param>
/// <param name="Tcp">True where there are TCP sockets, also in TIME_WAIT.</param>
/// <param name="Udp">True where there are UDP sockets.</param>
sealed record SocketsInUse(Reading<Sockstat> Counts, long TcpInUse, bool Tcp, bool Udp)
{
    /// <summary>False where no TCP socket of the namespace is only bound.</summary>
    public bool MayBeBoundOnly { get; init; } = true;

    /// <summary>True where only a TCP socket of the kernel itself could hide one that is only bound.</summary>
    public bool IsHiddenByTcpAlone { get; init; }

    /// <summary>True where there are no sockets that can hold a port.</summary>
    public bool IsNone => !Tcp && !Udp && !MayBeBoundOnly;

    /// <summary>
    /// Looks for TCP sockets that are only bound, or not even that. No protocol counts these. The kernel's own sockets,
    /// such as that of a VXLAN, are in the counts of protocols alone, so each could hide one. Programs have none where
    /// all their sockets are of protocols that the kernel does not use. Unreadable counts mean that there may be some.
    /// </summary>
    public SocketsInUse FindBoundOnly(ProcMount proc)
    {
        if (!Counts.TryGet(out var counts))
            return this with { MayBeBoundOnly = true };
        if (counts.Sockets == 0)
            return this with { MayBeBoundOnly = false };
        if (!ProtocolSockets.Read(proc).TryGet(out var protocols))
            return this with { MayBeBoundOnly = true };
        // Fewer used than counted shows sockets of the kernel, also a listener, which no walk tells from others.
        return this with
        {
            MayBeBoundOnly = counts.Sockets > protocols.OfPrograms,
            IsHiddenByTcpAlone =
                counts.Sockets == protocols.Total && protocols.Total == protocols.OfPrograms + protocols.Tcp,
        };
    }

    /// <summary>
    /// Returns the number of sockets that no protocol counts. No more sockets can be only bound, besides as many as the
    /// kernel has itself. Null where it is unreadable.
    /// </summary>
    public long? CountUncounted(ProcMount proc)
    {
        if (!Counts.TryGet(out var counts))
            return null;
        return ProtocolSockets.Read(proc).TryGet(out var protocols)
            ? Math.Max(counts.Sockets - protocols.Total, 0)
            : null;
    }

    /// <summary>Reads the counts. Unreadable counts mean in use.</summary>
    public static SocketsInUse Read(ProcMount proc)
    {
        var counts = proc.Read(Sockstat.File, Sockstat.Parse);
        if (!counts.TryGet(out var ipv4))
            return new(counts, 0, true, true);

        // Most namespaces have no socket at all. This file shows that, although by protocol it counts only IPv4.
        var ipv6 = new Sockstat6(0, 0);
        if (ipv4.Sockets > 0 && proc.Read(Sockstat6.File, Sockstat6.Parse) is var six && !six.TryGet(out ipv6))
        {
            if (six.Outcome != Outcome.None)
                return new(counts, ipv4.TcpInUse, true, true);
            ipv6 = new(0, 0);
        }

        return new(
            counts,
            ipv4.TcpInUse + ipv6.TcpInUse,
            ipv4.TcpInUse + ipv4.TimeWait + ipv6.TcpInUse > 0,
            ipv4.UdpInUse + ipv6.UdpInUse > 0
        );
    }
}
