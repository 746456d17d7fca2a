using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Links;

/// <summary>/proc/net/dev: packets that each interface of the network namespace dropped.</summary>
/// <param name="Interfaces">By interface, in the order of the file.</param>
public sealed record InterfaceDrops(ImmutableArray<InterfaceDrop> Interfaces)
{
    internal const string File = "thread-self/net/dev";

    /// <summary>Parses the table; the columns are found by the names in its second line, receive before transmit.</summary>
    public static Reading<InterfaceDrops> Parse(ReadOnlySpan<byte> text)
    {
        var lines = KernelText.Decode(text).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var head = lines.Length < 2 ? [] : lines[1].Split('|');
        if (head.Length != 3)
            return KernelText.Malformed(2, "column names of three parts separated by '|'", text);
        var (receive, transmit) = (Words(head[1]), Words(head[2]));
        var (received, transmitted) = (Array.IndexOf(receive, "drop"), receive.Length + Array.IndexOf(transmit, "drop"));
        var interfaces = ImmutableArray.CreateBuilder<InterfaceDrop>();
        for (var i = 2; i < lines.Length; i++)
        {
            // A name may hold a colon; the numbers do not.
            var colon = lines[i].LastIndexOf(':');
            var numbers = colon < 0 ? [] : Words(lines[i][(colon + 1)..]);
            if (numbers.Length != receive.Length + transmit.Length
                || !long.TryParse(numbers[received], CultureInfo.InvariantCulture, out var receiveDrops)
                || !long.TryParse(numbers[transmitted], CultureInfo.InvariantCulture, out var transmitDrops))
            {
                return KernelText.Malformed(i + 1, "an interface, a colon and a number for each column", Encoding.UTF8.GetBytes(lines[i]));
            }

            interfaces.Add(new(lines[i][..colon].TrimStart(), receiveDrops, transmitDrops));
        }

        return new InterfaceDrops(interfaces.ToImmutable());
    }

    static string[] Words(string line) => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>What one interface dropped.</summary>
/// <param name="Name">The interface.</param>
/// <param name="Received">Packets dropped on their way in.</param>
/// <param name="Transmitted">Packets dropped on their way out.</param>
public sealed record InterfaceDrop(string Name, long Received, long Transmitted);
