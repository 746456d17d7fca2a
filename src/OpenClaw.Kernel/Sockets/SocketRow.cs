using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// A row of /proc/net/tcp, tcp6, udp or udp6. The kernel fixes the columns in the code: get_tcp4_sock(),
/// get_timewait4_sock() and get_openreq4() in net/ipv4/tcp_ipv4.c, udp4_format_sock() in net/ipv4/udp.c, and their
/// counterparts for IPv6.
/// </summary>
static class SocketRow
{
    /// <summary>The columns in words, for messages.</summary>
    public const string Form = "'sl: address:port address:port st tx:rx tr:when retrnsmt uid timeout inode'";

    const int IPv4Digits = 8;
    const int IPv6Digits = 32;

    /// <summary>A tick of USER_HZ, which is 100 on every architecture that .NET supports.</summary>
    const ulong MillisecondsPerTick = 10;

    /// <summary>
    /// Converts a row to a message of inet_diag. Returns false when a column is missing or has another form. Rows have
    /// no interface, and no backlog of a listener.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> row, out LinuxInetDiag.inet_diag_msg socket)
    {
        socket = default;
        if (
            !KernelText.TryTakeWord(ref row, out var number)
            || number[^1] != (byte)':'
            || !TryTakePair(ref row, out var source, out var sourcePort)
            || !TryTakePair(ref row, out var destination, out var destinationPort)
            || source.Length != destination.Length
            || source.Length is not (IPv4Digits or IPv6Digits)
            || !TryReadAddress(source, socket.id.idiag_src)
            || !TryReadAddress(destination, socket.id.idiag_dst)
            || !TryParse(sourcePort, out ushort sport)
            || !TryParse(destinationPort, out ushort dport)
            || !KernelText.TryTakeWord(ref row, out var state)
            || !TryParse(state, out socket.idiag_state)
            || !TryTakePair(ref row, out var sent, out var received)
            || !TryParse(sent, out socket.idiag_wqueue)
            || !TryParse(received, out socket.idiag_rqueue)
            || !TryTakePair(ref row, out var timer, out var when)
            || !TryParse(timer, out socket.idiag_timer)
            || !TryParse(when, out ulong ticks)
            || !KernelText.TryTakeWord(ref row, out _) // retrnsmt
            || !KernelText.TryTakeWord(ref row, out var uid)
            || !TryParse(uid, out socket.idiag_uid, NumberStyles.None)
            || !KernelText.TryTakeWord(ref row, out _) // timeout
            || !KernelText.TryTakeWord(ref row, out var inode)
            || !TryParse(inode, out ulong inodeNumber, NumberStyles.None)
        )
        {
            return false;
        }

        socket.idiag_family = (byte)(source.Length == IPv4Digits ? SysSocket.AF_INET : SysSocket.AF_INET6);
        socket.id.idiag_sport = BinaryPrimitives.ReverseEndianness(sport);
        socket.id.idiag_dport = BinaryPrimitives.ReverseEndianness(dport);
        socket.idiag_expires = (uint)Math.Min(ticks * MillisecondsPerTick, uint.MaxValue);
        socket.idiag_inode = (uint)Math.Min(inodeNumber, uint.MaxValue);
        return true;
    }

    /// <summary>
    /// Reads an address. The kernel prints each 32 bits of it as a number in the machine's byte order. Stored as such a
    /// number, they are in network order again.
    /// </summary>
    static bool TryReadAddress(ReadOnlySpan<byte> digits, Span<byte> address)
    {
        for (; !digits.IsEmpty; digits = digits[IPv4Digits..], address = address[sizeof(uint)..])
        {
            if (!TryParse(digits[..IPv4Digits], out uint word))
                return false;
            MemoryMarshal.Write(address, word);
        }

        return true;
    }

    /// <summary>Takes two values with a colon between them off the front.</summary>
    static bool TryTakePair(ref ReadOnlySpan<byte> row, out ReadOnlySpan<byte> first, out ReadOnlySpan<byte> second)
    {
        first = second = default;
        if (!KernelText.TryTakeWord(ref row, out var word) || word.IndexOf((byte)':') is not (>= 0 and var colon))
            return false;
        first = word[..colon];
        second = word[(colon + 1)..];
        return true;
    }

    static bool TryParse<T>(ReadOnlySpan<byte> digits, out T value, NumberStyles style = NumberStyles.AllowHexSpecifier)
        where T : struct, INumberBase<T> => T.TryParse(digits, style, CultureInfo.InvariantCulture, out value);
}
