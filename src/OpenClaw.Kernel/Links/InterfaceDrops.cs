using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Links;

/// <summary>The packets that each interface of the network namespace dropped (/proc/net/dev).</summary>
/// <param name="Interfaces">The interfaces, in the order of the file.</param>
public sealed record InterfaceDrops(ImmutableArray<InterfaceDrop> Interfaces) : IPerNamespace
{
    internal const string File = "thread-self/net/dev";

    static readonly Missing NoColumn = new(Absence.NotPresent, "this kernel has no column drop");

    /// <summary>
    /// Parses the table. The second line names the columns, receive before transmit. A side without the column has no
    /// value. A number that is negative or above 2^63-1 has no value either.
    /// </summary>
    public static Reading<InterfaceDrops> Parse(ReadOnlySpan<byte> text)
    {
        var line = 0;
        var (columns, received, transmitted) = (0, -1, -1);
        var interfaces = ImmutableArray.CreateBuilder<InterfaceDrop>();
        foreach (var range in text.TrimEnd((byte)'\n').Split((byte)'\n'))
        {
            line++;
            var row = text[range];
            if (line == 1)
                continue;
            if (line > 2)
            {
                if (!TryParse(row, columns, received, transmitted, out var link))
                    return KernelText.Malformed(line, "an interface, a colon and a number for each column", row);
                interfaces.Add(link);
                continue;
            }

            var (receive, transmit) = (row.IndexOf((byte)'|'), row.LastIndexOf((byte)'|'));
            if (receive == transmit)
                break;
            var left = row[(receive + 1)..transmit];
            var right = row[(transmit + 1)..];
            received = KernelText.PlaceOf(left, "drop");
            transmitted = KernelText.PlaceOf(right, "drop");
            var leftColumns = KernelText.CountWords(left);
            columns = leftColumns + KernelText.CountWords(right);
            if (transmitted >= 0)
                transmitted += leftColumns;
            if (received < 0 && transmitted < 0)
                return KernelText.Malformed(line, "a column drop", row);
        }

        return columns == 0
            ? KernelText.Malformed(2, "column names of three parts separated by '|'", text)
            : new InterfaceDrops(interfaces.ToImmutable());
    }

    static bool TryParse(ReadOnlySpan<byte> row, int columns, int received, int transmitted, out InterfaceDrop link)
    {
        link = new("", NoColumn, NoColumn);

        // A name may contain a colon; the numbers do not.
        var colon = row.LastIndexOf((byte)':');
        if (colon < 0)
            return false;
        var rest = row[(colon + 1)..];
        for (var column = 0; column < columns; column++)
        {
            if (!KernelText.TryTakeCounter(ref rest, out var number))
                return false;
            if (column == received)
                link = link with { Received = number };
            else if (column == transmitted)
                link = link with { Transmitted = number };
        }

        // The kernel pads with blanks. It allows other Unicode white space in a name.
        link = link with { Name = KernelText.Decode(row[..colon].TrimStart((byte)' ')) };
        return rest.IsEmpty;
    }
}

/// <summary>Packets that an interface dropped.</summary>
/// <param name="Name">The name of the interface.</param>
/// <param name="Received">Packets dropped on their way in.</param>
/// <param name="Transmitted">Packets dropped on their way out.</param>
public sealed record InterfaceDrop(string Name, Reading<long> Received, Reading<long> Transmitted);
