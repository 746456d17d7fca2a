using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// Which protocols have sockets in a network namespace, by its cheap counts. These lack TCP sockets that are only
/// bound, and of the kernel's own sockets those of IPv6 where no program has one.
/// </summary>
/// <param name="Counts">/proc/net/sockstat.</param>
/// <param name="TcpInUse">TCP sockets of both families that are connected or listen, at least.</param>
/// <param name="Tcp">Whether there are TCP sockets, those in TIME_WAIT included.</param>
/// <param name="Udp">Whether there are UDP sockets.</param>
sealed record SocketsInUse(Reading<Sockstat> Counts, long TcpInUse, bool Tcp, bool Udp)
{
    /// <summary>
    /// False where every TCP socket of the machine is connected or listens, so that none here is only bound.
    /// </summary>
    public bool MayBeBoundOnly { get; init; } = true;

    /// <summary>Whether there are none.</summary>
    public bool IsNone => !Tcp && !Udp;

    /// <summary>Reads them; what cannot be read counts as used.</summary>
    public static SocketsInUse Read(ProcMount proc)
    {
        var counts = proc.Read(Sockstat.File, Sockstat.Parse);
        if (!counts.TryGet(out var ipv4))
            return new(counts, 0, true, true);

        // Most namespaces hold no socket at all, of which this file knows although it counts only those of IPv4 by
        // protocol.
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
