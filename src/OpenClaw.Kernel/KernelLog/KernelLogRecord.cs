using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Text;

namespace OpenClaw.Kernel.KernelLog;

/// <summary>
/// A record of /dev/kmsg (Documentation/ABI/testing/dev-kmsg): "priority,sequence,microseconds,flags[,…];message".
/// </summary>
/// <param name="Uptime">The time of the record, since boot.</param>
/// <param name="Kind">The kind of message.</param>
/// <param name="NetworkNamespace">The inode of the namespace in the message, or null.</param>
/// <param name="Listener">The listener in the message, as <see cref="KernelLogEvent.Listener"/> has it.</param>
readonly record struct KernelLogRecord(
    TimeSpan Uptime,
    KernelLogKind Kind,
    ulong? NetworkNamespace,
    string Listener = ""
)
{
    /// <summary>The bytes before the listener in a message about a flood.</summary>
    static ReadOnlySpan<byte> OnPort => "ossible SYN flooding on port "u8;

    /// <summary>Returns true for a record that the kernel itself wrote about an exhausted network resource.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out KernelLogRecord record)
    {
        record = default;

        // Lines after the first are a device's properties. Records that user space wrote have a facility other than 0.
        var separator = text.IndexOf((byte)';');
        if (
            separator < 0
            || !TryTakeField(ref text, out ulong priority)
            || priority >> 3 != 0
            || !TryTakeField(ref text, out _)
            || !TryTakeField(ref text, out var microseconds)
            || microseconds > long.MaxValue / TimeSpan.TicksPerMicrosecond
        )
        {
            return false;
        }

        var message = text[(text.IndexOf((byte)';') + 1)..];
        var end = message.IndexOf((byte)'\n');
        if (end >= 0)
            message = message[..end];
        if (KindOf(message) is not { } kind)
            return false;
        record = new(
            TimeSpan.FromTicks((long)microseconds * TimeSpan.TicksPerMicrosecond),
            kind,
            kind == KernelLogKind.ConntrackTableFull ? NamespaceIn(message) : null,
            kind == KernelLogKind.SynFlooding ? ListenerIn(message) : ""
        );
        return true;
    }

    static bool TryTakeField(ref ReadOnlySpan<byte> text, out ulong value)
    {
        if (!Utf8Parser.TryParse(text, out value, out var length) || length >= text.Length || text[length] != ',')
            return false;
        text = text[(length + 1)..];
        return true;
    }

    // Without the prefixes, which name the source file and have changed: "net_ratelimit: ", "IPv4: ", "TCP: ".
    static KernelLogKind? KindOf(ReadOnlySpan<byte> message)
    {
        if (Has(message, "_conntrack: table full"u8))
            return KernelLogKind.ConntrackTableFull;
        if (Has(message, "neighbor table overflow"u8) || Has(message, "eighbour table overflow"u8))
            return KernelLogKind.NeighbourTableOverflow;
        if (Has(message, "out of memory -- consider tuning tcp_mem"u8))
            return KernelLogKind.TcpOutOfMemory;
        if (Has(message, "too many orphaned sockets"u8) || Has(message, "too many of orphaned sockets"u8))
            return KernelLogKind.TooManyOrphans;
        if (Has(message, "time wait bucket table overflow"u8))
            return KernelLogKind.TimeWaitTableOverflow;
        if (Has(message, OnPort))
            return KernelLogKind.SynFlooding;
        return Has(message, "file-max limit "u8) ? KernelLogKind.FileMaxReached : null;
    }

    static ulong? NamespaceIn(ReadOnlySpan<byte> message)
    {
        var prefix = "in netns "u8;
        var at = message.IndexOf(prefix);
        return at >= 0 && Utf8Parser.TryParse(message[(at + prefix.Length)..], out ulong inode, out _) ? inode : null;
    }

    /// <summary>
    /// Returns the listener: "[::1]:443" or "192.0.2.1:443" since Linux 6.1, before that only the port
    /// (tcp_syn_flood_action). A full stop ends it.
    /// </summary>
    static string ListenerIn(ReadOnlySpan<byte> message)
    {
        var text = message[(message.IndexOf(OnPort) + OnPort.Length)..];
        var end = text.IndexOf(". "u8);
        var words = Encoding.ASCII.GetString(end >= 0 ? text[..end] : text);
        if (ushort.TryParse(words, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return string.Create(CultureInfo.InvariantCulture, $"port {port}");
        return IPEndPoint.TryParse(words, out var address) && address.Port != 0 ? address.ToString() : "";
    }

    static bool Has(ReadOnlySpan<byte> message, ReadOnlySpan<byte> part) => message.IndexOf(part) >= 0;
}
