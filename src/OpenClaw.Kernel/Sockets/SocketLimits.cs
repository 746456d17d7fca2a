using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// The sysctls that limit the numbers of <see cref="Sockstat"/>. Each network namespace has the first. The others are
/// the machine's and do not exist in a child namespace.
/// </summary>
/// <param name="TimeWaitBuckets">net.ipv4.tcp_max_tw_buckets.</param>
/// <param name="Orphans">net.ipv4.tcp_max_orphans.</param>
/// <param name="TcpPages">The last number of net.ipv4.tcp_mem.</param>
/// <param name="UdpPages">The last number of net.ipv4.udp_mem.</param>
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
    /// net.core.somaxconn, the limit on the backlog of a listener. Each network namespace has its own.
    /// </summary>
    public Reading<long> ListenBacklog { get; init; }

    /// <summary>True for a network namespace other than the machine's, which lacks the machine's limits.</summary>
    public bool AreOfChild => TcpPages.Outcome == Outcome.None;

    static readonly Missing OfMachine = new(Absence.NotPresent, "a limit of the machine, hidden in a child namespace");

    /// <summary>Reads the limits of the calling thread's network namespace.</summary>
    /// <param name="proc">The procfs.</param>
    /// <param name="isChild">True for a namespace other than the machine's. Then only the limits that it can have are
    /// read.</param>
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

    /// <summary>The first limit that could not be read.</summary>
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

/// <summary>The limits of the machine, for its other network namespaces, which do not show them.</summary>
/// <param name="Limits">The limits of the exporter's own namespace.</param>
sealed record LimitsOfMachine(Reading<SocketLimits> Limits);

/// <summary>
/// Marks a network namespace other than the machine's. Only the machine's own has the machine's limits.
/// </summary>
sealed record ChildNamespace;
