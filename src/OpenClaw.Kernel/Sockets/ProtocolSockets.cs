using System.Buffers.Text;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// The sockets of a network namespace that its protocols count, from /proc/net/protocols. Every family is in it. TCP
/// and UDP count a socket from the moment it is connected, listens or, for UDP, is bound.
/// </summary>
/// <param name="Total">The sum over all protocols.</param>
/// <param name="OfPrograms">The sum over the protocols that only programs use, and not the kernel itself.</param>
/// <param name="Tcp">The sum over TCP and TCPv6.</param>
sealed record ProtocolSockets(long Total, long OfPrograms, long Tcp)
{
    const string File = "thread-self/net/protocols";

    static ReadOnlySpan<byte> NamesOfTcp => "TCP TCPv6"u8;

    static ReadOnlySpan<byte> NamesOfPrograms => "UNIX UNIX-STREAM NETLINK PACKET RAW RAWv6 PING PINGv6 XDP"u8;

    /// <summary>Reads the file.</summary>
    public static Reading<ProtocolSockets> Read(ProcMount proc) => proc.Read(File, Parse);

    /// <summary>
    /// Parses the table. The column is found by its name; a protocol may show -1, which counts nothing.
    /// </summary>
    public static Reading<ProtocolSockets> Parse(ReadOnlySpan<byte> text)
    {
        var column = -1;
        var (total, ofPrograms, tcp) = (0L, 0L, 0L);
        var line = 0;
        foreach (var range in text.Split((byte)'\n'))
        {
            line++;
            var row = text[range];
            if (row.IsEmpty)
                continue;
            if (column < 0)
            {
                column = IndexOf(row, "sockets"u8);
                if (column < 0)
                    return KernelText.Malformed(line, "a column 'sockets'", row);
                continue;
            }

            var field = Field(row, column);
            if (!Utf8Parser.TryParse(field, out int sockets, out var digits) || digits != field.Length)
                return KernelText.Malformed(line, "a number in the column 'sockets'", row);
            sockets = Math.Max(sockets, 0);
            total += sockets;
            if (IsOneOf(NamesOfPrograms, Field(row, 0)))
                ofPrograms += sockets;
            else if (IsOneOf(NamesOfTcp, Field(row, 0)))
                tcp += sockets;
        }

        return column < 0 ? KernelText.Malformed(1, "a header", text) : new ProtocolSockets(total, ofPrograms, tcp);
    }

    static bool IsOneOf(ReadOnlySpan<byte> names, ReadOnlySpan<byte> protocol)
    {
        foreach (var range in names.Split((byte)' '))
        {
            if (protocol.SequenceEqual(names[range]))
                return true;
        }

        return false;
    }

    static int IndexOf(ReadOnlySpan<byte> header, ReadOnlySpan<byte> name)
    {
        for (var index = 0; Field(header, index) is { IsEmpty: false } field; index++)
        {
            if (field.SequenceEqual(name))
                return index;
        }

        return -1;
    }

    static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> row, int index)
    {
        for (; ; index--)
        {
            row = row.TrimStart((byte)' ');
            var end = row.IndexOf((byte)' ');
            var field = end < 0 ? row : row[..end];
            if (index == 0 || field.IsEmpty)
                return field;
            row = row[field.Length..];
        }
    }
}
