using System.Text;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Counters;

/// <summary>The counters of UDP in /proc/net/snmp6.</summary>
public sealed class IPv6Counters : KernelCounters, IPerNamespace
{
    internal const string File = "thread-self/net/snmp6";

    IPv6Counters(CounterNames names, long[] values)
        : base(names, values) { }

    /// <summary>
    /// Parses lines of a name and a value. It skips those of ICMP: they are many and have no use here.
    /// </summary>
    public static Reading<IPv6Counters> Parse(ReadOnlySpan<byte> text)
    {
        var names = new List<string>();
        var values = new List<long>();
        var line = 0;
        foreach (var range in text.TrimEnd((byte)'\n').Split((byte)'\n'))
        {
            line++;
            var row = text[range];
            var end = row.IndexOfAny((byte)' ', (byte)'\t');
            var rest = end < 0 ? default : row[end..];
            if (end <= 0 || !KernelText.TryTakeCounter(ref rest, out var counter))
                return KernelText.Malformed(line, "a name and an integer", row);
            if (!row.StartsWith("Udp6"u8))
                continue;
            names.Add(Encoding.ASCII.GetString(row[..end]));
            values.Add(counter.TryGet(out var value) ? value : Unfit);
        }

        return new IPv6Counters(new(names), [.. values]);
    }
}
