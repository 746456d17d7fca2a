using System.Buffers.Text;

namespace OpenClaw.Kernel.Procfs;

/// <summary>
/// /proc/net/sockstat. Of its numbers only tw is the network namespace's own; orphan and mem are the whole machine's, in
/// every namespace that shows them.
/// </summary>
/// <param name="TimeWait">TCP: tw, with the small sockets of orphaned FIN_WAIT2.</param>
/// <param name="Orphans">TCP: orphan, sockets that no process holds any more.</param>
/// <param name="TcpPages">TCP: mem, pages of buffers.</param>
/// <param name="UdpPages">UDP: mem, pages of buffers.</param>
public sealed record Sockstat(long TimeWait, long Orphans, long TcpPages, long UdpPages)
{
    internal const string File = "thread-self/net/sockstat";

    /// <summary>Parses lines such as "TCP: inuse 5 orphan 0 tw 0 alloc 7 mem 80", each number by the word before it.</summary>
    public static Reading<Sockstat> Parse(ReadOnlySpan<byte> text) =>
        TryFind(text, "TCP: "u8, " tw "u8, out var timeWait)
        && TryFind(text, "TCP: "u8, " orphan "u8, out var orphans)
        && TryFind(text, "TCP: "u8, " mem "u8, out var tcp)
        && TryFind(text, "UDP: "u8, " mem "u8, out var udp)
            ? new Sockstat(timeWait, orphans, tcp, udp)
            : KernelText.Malformed(1, "lines TCP: and UDP: with orphan, tw and mem", text);

    static bool TryFind(ReadOnlySpan<byte> text, ReadOnlySpan<byte> protocol, ReadOnlySpan<byte> key, out long value)
    {
        value = 0;
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range];
            if (line.StartsWith(protocol))
                return line.IndexOf(key) is >= 0 and var at && Utf8Parser.TryParse(line[(at + key.Length)..], out value, out _);
        }

        return false;
    }
}
