using System.Text;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Counters;

/// <summary>
/// The counters of one protocol in /proc/net/netstat or snmp: a line of names, then a line of values.
/// </summary>
public abstract class ProtocolCounters : KernelCounters
{
    private protected ProtocolCounters(CounterNames names, long[] values)
        : base(names, values) { }

    /// <summary>Parses the two lines that begin with the protocol's name.</summary>
    /// <param name="text">The text of the file.</param>
    /// <param name="protocol">The protocol's name.</param>
    /// <param name="known">The names of the last parse. The kernel writes the same names in every namespace, so they
    /// are allocated once.</param>
    /// <param name="create">Creates the counters.</param>
    private protected static Reading<T> Parse<T>(
        ReadOnlySpan<byte> text,
        string protocol,
        ref CounterNames known,
        Func<CounterNames, long[], T> create
    )
    {
        var prefix = Encoding.ASCII.GetBytes(protocol + ": ");
        var line = 0;
        ReadOnlySpan<byte> names = default;
        foreach (var range in text.Split((byte)'\n'))
        {
            line++;
            var row = text[range];
            if (!row.StartsWith(prefix))
                continue;
            row = row[prefix.Length..];
            if (names.IsEmpty)
            {
                names = row;
                continue;
            }

            var same = known;
            if (!same.Are(names))
                known = same = new(names);
            return TryParse(row, same.Count) is { } values
                ? create(same, values)
                : KernelText.Malformed(line, $"as many integers as there are names of {protocol}", row);
        }

        return KernelText.Malformed(line, $"two lines that begin with '{protocol}:'", text);
    }

    static long[]? TryParse(ReadOnlySpan<byte> numbers, int count)
    {
        var values = new long[count];
        var rest = numbers;
        for (var i = 0; i < count; i++)
        {
            if (!KernelText.TryTakeCounter(ref rest, out var counter))
                return null;
            values[i] = counter.TryGet(out var value) ? value : Unfit;
        }

        return rest.IsEmpty ? values : null;
    }
}
