using System.Buffers.Text;
using System.Text;

namespace OpenClaw.Kernel.Procfs;

/// <summary>Counters of one network namespace by the kernel's own names.</summary>
public abstract class KernelCounters
{
    readonly CounterNames _names;
    readonly long[] _values;

    private protected KernelCounters(CounterNames names, long[] values) => (_names, _values) = (names, values);

    /// <summary>A counter by name; not present where this kernel has no such counter.</summary>
    public Reading<long> this[string name] =>
        _names.PlaceOf(name) is { } place ? _values[place] : new Missing(Absence.NotPresent, $"this kernel has no counter {name}");
}

/// <summary>The counters of one protocol in /proc/net/netstat or snmp: a line of names, then a line of values.</summary>
public abstract class ProtocolCounters : KernelCounters
{
    private protected ProtocolCounters(CounterNames names, long[] values)
        : base(names, values)
    {
    }

    /// <summary>Parses the two lines that begin with the protocol's name.</summary>
    /// <param name="text">The file.</param>
    /// <param name="protocol">The protocol's name.</param>
    /// <param name="known">The names of the last time, which a kernel writes again in every namespace: they are made once.</param>
    /// <param name="create">Makes the counters.</param>
    private protected static Reading<T> Parse<T>(ReadOnlySpan<byte> text, string protocol, ref CounterNames known, Func<CounterNames, long[], T> create)
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
            if (!KernelText.TryTakeInteger(ref rest, out values[i]))
                return null;
        }

        return rest.IsEmpty ? values : null;
    }
}

/// <summary>/proc/net/netstat: the row TcpExt.</summary>
public sealed class TcpExtCounters : ProtocolCounters
{
    internal const string File = "thread-self/net/netstat";

    static CounterNames Latest = CounterNames.None;

    TcpExtCounters(CounterNames names, long[] values)
        : base(names, values)
    {
    }

    /// <summary>Parses the file.</summary>
    public static Reading<TcpExtCounters> Parse(ReadOnlySpan<byte> text) =>
        Parse(text, "TcpExt", ref Latest, static (names, values) => new TcpExtCounters(names, values));
}

/// <summary>/proc/net/snmp: the row Udp.</summary>
public sealed class UdpCounters : ProtocolCounters
{
    internal const string File = "thread-self/net/snmp";

    static CounterNames Latest = CounterNames.None;

    UdpCounters(CounterNames names, long[] values)
        : base(names, values)
    {
    }

    /// <summary>Parses the file.</summary>
    public static Reading<UdpCounters> Parse(ReadOnlySpan<byte> text) =>
        Parse(text, "Udp", ref Latest, static (names, values) => new UdpCounters(names, values));
}

/// <summary>/proc/net/snmp6: the counters of UDP.</summary>
public sealed class IPv6Counters : KernelCounters
{
    internal const string File = "thread-self/net/snmp6";

    IPv6Counters(CounterNames names, long[] values)
        : base(names, values)
    {
    }

    /// <summary>Parses lines of a name and a value. Those of ICMP are many and nobody asks for them.</summary>
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
            if (end <= 0 || !Utf8Parser.TryParse(row[end..].TrimStart(" \t"u8), out long value, out _))
                return KernelText.Malformed(line, "a name and an integer", row);
            if (!row.StartsWith("Udp6"u8))
                continue;
            names.Add(Encoding.ASCII.GetString(row[..end]));
            values.Add(value);
        }

        return new IPv6Counters(new(names), [.. values]);
    }
}
