using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// The numbers of /proc/net/sockstat. "used", "inuse" and "tw" belong to the network namespace. "orphan" and "mem" are
/// the whole machine's, in every namespace that shows them. A number of the machine that is negative or above 2^63-1 is
/// missing by itself. Without one of the namespace's own numbers, there is no value at all.
/// </summary>
/// <param name="Sockets">sockets: used: the sockets of programs in any family, also IPv6 and UNIX.</param>
/// <param name="TcpInUse">TCP: inuse: IPv4 sockets, without those in TIME_WAIT and those that are only bound.</param>
/// <param name="UdpInUse">UDP: inuse: IPv4 sockets that have a port.</param>
/// <param name="TimeWait">TCP: tw: sockets in TIME_WAIT, and the small sockets of orphaned FIN_WAIT2.</param>
/// <param name="Orphans">TCP: orphan: sockets that no process holds any more.</param>
/// <param name="TcpPages">TCP: mem: pages of buffers.</param>
/// <param name="UdpPages">UDP: mem: pages of buffers.</param>
public sealed record Sockstat(
    long Sockets,
    long TcpInUse,
    long UdpInUse,
    long TimeWait,
    Reading<long> Orphans,
    Reading<long> TcpPages,
    Reading<long> UdpPages
) : IPerNamespace
{
    internal const string File = "thread-self/net/sockstat";

    /// <summary>
    /// TCP: alloc: the sockets of the whole machine in any state but TIME_WAIT, also those without a port.
    /// </summary>
    public long TcpAllocated { get; init; }

    /// <summary>
    /// Parses lines such as "TCP: inuse 5 orphan 0 tw 0 alloc 7 mem 80". It finds each number by the word before it.
    /// </summary>
    public static Reading<Sockstat> Parse(ReadOnlySpan<byte> text) =>
        TryFind(text, "sockets:"u8, " used "u8, out long sockets)
        && TryFind(text, "TCP:"u8, " inuse "u8, out long tcpInUse)
        && TryFind(text, "UDP:"u8, " inuse "u8, out long udpInUse)
        && TryFind(text, "TCP:"u8, " tw "u8, out long timeWait)
        && TryFind(text, "TCP:"u8, " orphan "u8, out Reading<long> orphans)
        && TryFind(text, "TCP:"u8, " alloc "u8, out long allocated)
        && TryFind(text, "TCP:"u8, " mem "u8, out Reading<long> tcp)
        && TryFind(text, "UDP:"u8, " mem "u8, out Reading<long> udp)
            ? new Sockstat(sockets, tcpInUse, udpInUse, timeWait, orphans, tcp, udp) { TcpAllocated = allocated }
            : KernelText.Malformed(
                1,
                "lines sockets:, TCP: and UDP: with used, inuse, orphan, tw, alloc and mem",
                text
            );

    internal static bool TryFind(
        ReadOnlySpan<byte> text,
        ReadOnlySpan<byte> protocol,
        ReadOnlySpan<byte> key,
        out long value
    )
    {
        value = 0;
        return TryFind(text, protocol, key, out Reading<long> number) && number.TryGet(out value);
    }

    static bool TryFind(
        ReadOnlySpan<byte> text,
        ReadOnlySpan<byte> protocol,
        ReadOnlySpan<byte> key,
        out Reading<long> number
    )
    {
        number = default;
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range];
            if (!line.StartsWith(protocol) || line.IndexOf(key) is not (>= 0 and var at))
                continue;
            line = line[(at + key.Length)..];
            return KernelText.TryTakeCounter(ref line, out number);
        }

        return false;
    }
}

/// <summary>The numbers of /proc/net/sockstat6. All belong to the network namespace.</summary>
/// <param name="TcpInUse">TCP6: inuse.</param>
/// <param name="UdpInUse">UDP6: inuse.</param>
public sealed record Sockstat6(long TcpInUse, long UdpInUse)
{
    internal const string File = "thread-self/net/sockstat6";

    /// <summary>Parses lines such as "TCP6: inuse 5".</summary>
    public static Reading<Sockstat6> Parse(ReadOnlySpan<byte> text) =>
        Sockstat.TryFind(text, "TCP6:"u8, " inuse "u8, out long tcp)
        && Sockstat.TryFind(text, "UDP6:"u8, " inuse "u8, out long udp)
            ? new Sockstat6(tcp, udp)
            : KernelText.Malformed(1, "lines TCP6: and UDP6: with inuse", text);
}
