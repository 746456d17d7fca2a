using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// The sysctls that bound what <see cref="Sockstat"/> counts. The first belongs to each network namespace; the others
/// are the machine's and do not exist in a child namespace.
/// </summary>
/// <param name="TimeWaitBuckets">net.ipv4.tcp_max_tw_buckets.</param>
/// <param name="Orphans">net.ipv4.tcp_max_orphans.</param>
/// <param name="TcpPages">The last of net.ipv4.tcp_mem.</param>
/// <param name="UdpPages">The last of net.ipv4.udp_mem.</param>
public sealed record SocketLimits(
    Reading<long> TimeWaitBuckets,
    Reading<long> Orphans,
    Reading<long> TcpPages,
    Reading<long> UdpPages
) : IPerNamespace
{
    internal const string Files =
        "/proc/sys/net/ipv4/tcp_max_tw_buckets, tcp_max_orphans, tcp_mem, udp_mem; /proc/sys/net/core/somaxconn";

    /// <summary>
    /// net.core.somaxconn, to which the backlog of a listener is cut; each network namespace has its own.
    /// </summary>
    public Reading<long> ListenBacklog { get; init; }

    /// <summary>
    /// Whether they are those of a network namespace that is not the machine's: only that one has the machine's.
    /// </summary>
    public bool AreOfChild => TcpPages.Outcome == Outcome.None;

    static readonly Missing OfMachine = new(Absence.NotPresent, "the machine's, which a child namespace does not have");

    /// <summary>Reads them.</summary>
    /// <param name="proc">The mount; they are those of the reading thread's network namespace.</param>
    /// <param name="isChild">Whether that is known to be another than the machine's: then only what it can have is
    /// looked for.</param>
    internal static Reading<SocketLimits> Read(ProcMount proc, bool isChild = false) =>
        new SocketLimits(
            proc.ReadInteger("sys/net/ipv4/tcp_max_tw_buckets"),
            isChild ? OfMachine : proc.ReadInteger("sys/net/ipv4/tcp_max_orphans"),
            isChild ? OfMachine : proc.Read("sys/net/ipv4/tcp_mem", ParseLast),
            isChild ? OfMachine : proc.Read("sys/net/ipv4/udp_mem", ParseLast)
        )
        {
            ListenBacklog = proc.ReadInteger("sys/net/core/somaxconn"),
        };

    /// <summary>The first of them that could not be read.</summary>
    internal Missing? Missing =>
        TimeWaitBuckets.Missing ?? Orphans.Missing ?? TcpPages.Missing ?? UdpPages.Missing ?? ListenBacklog.Missing;

    /// <summary>Parses "low pressure high"; high is the limit.</summary>
    public static Reading<long> ParseLast(ReadOnlySpan<byte> text)
    {
        var rest = text;
        return
            KernelText.TryTakeLimit(ref rest, out _)
            && KernelText.TryTakeLimit(ref rest, out _)
            && KernelText.TryTakeLimit(ref rest, out var high)
            && rest.IsEmpty
            ? high
            : KernelText.Malformed(1, "three integers", text);
    }
}

/// <summary>
/// Says of a network namespace that it is not the machine's own, which alone has the machine's limits.
/// </summary>
sealed record ChildNamespace;
