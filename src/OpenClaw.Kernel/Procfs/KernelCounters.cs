using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text;

namespace OpenClaw.Kernel.Procfs;

/// <summary>Counters of one network namespace by the kernel's own names.</summary>
/// <param name="Values">By name.</param>
public abstract record KernelCounters(ImmutableDictionary<string, long> Values)
{
    /// <summary>A counter by name; not present where this kernel has no such counter.</summary>
    public Reading<long> this[string name] =>
        Values.TryGetValue(name, out var value) ? value : new Missing(Absence.NotPresent, $"this kernel has no counter {name}");

    /// <summary>
    /// Parses the lines of one protocol in /proc/net/netstat or snmp: a line of names, then a line of values, both behind
    /// the protocol's name.
    /// </summary>
    private protected static Reading<ImmutableDictionary<string, long>> ParseProtocol(ReadOnlySpan<byte> text, string protocol)
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

            return TryPair(names, row, out var values) ? values : KernelText.Malformed(line, $"as many integers as there are names of {protocol}", row);
        }

        return KernelText.Malformed(line, $"two lines that begin with '{protocol}:'", text);
    }

    static bool TryPair(ReadOnlySpan<byte> names, ReadOnlySpan<byte> numbers, out ImmutableDictionary<string, long> values)
    {
        var builder = ImmutableDictionary.CreateBuilder<string, long>();
        var rest = numbers;
        foreach (var range in names.Split((byte)' '))
        {
            if (!KernelText.TryTakeInteger(ref rest, out var value))
            {
                values = [];
                return false;
            }

            builder[Encoding.ASCII.GetString(names[range])] = value;
        }

        values = builder.ToImmutable();
        return rest.IsEmpty;
    }

    /// <summary>Parses lines of a name and a value, as in /proc/net/snmp6.</summary>
    private protected static Reading<ImmutableDictionary<string, long>> ParseRows(ReadOnlySpan<byte> text)
    {
        var builder = ImmutableDictionary.CreateBuilder<string, long>();
        var line = 0;
        foreach (var range in text.TrimEnd((byte)'\n').Split((byte)'\n'))
        {
            line++;
            var row = text[range];
            var end = row.IndexOfAny((byte)' ', (byte)'\t');
            if (end <= 0 || !Utf8Parser.TryParse(row[end..].TrimStart(" \t"u8), out long value, out _))
                return KernelText.Malformed(line, "a name and an integer", row);
            builder[Encoding.ASCII.GetString(row[..end])] = value;
        }

        return builder.ToImmutable();
    }
}

/// <summary>/proc/net/netstat: the row TcpExt.</summary>
public sealed record TcpExtCounters(ImmutableDictionary<string, long> Values) : KernelCounters(Values)
{
    internal const string File = "thread-self/net/netstat";

    /// <summary>Parses the file.</summary>
    public static Reading<TcpExtCounters> Parse(ReadOnlySpan<byte> text) =>
        ParseProtocol(text, "TcpExt").Select(static values => new TcpExtCounters(values));
}

/// <summary>/proc/net/snmp: the row Udp.</summary>
public sealed record UdpCounters(ImmutableDictionary<string, long> Values) : KernelCounters(Values)
{
    internal const string File = "thread-self/net/snmp";

    /// <summary>Parses the file.</summary>
    public static Reading<UdpCounters> Parse(ReadOnlySpan<byte> text) =>
        ParseProtocol(text, "Udp").Select(static values => new UdpCounters(values));
}

/// <summary>/proc/net/snmp6.</summary>
public sealed record IPv6Counters(ImmutableDictionary<string, long> Values) : KernelCounters(Values)
{
    internal const string File = "thread-self/net/snmp6";

    /// <summary>Parses the file.</summary>
    public static Reading<IPv6Counters> Parse(ReadOnlySpan<byte> text) =>
        ParseRows(text).Select(static values => new IPv6Counters(values));
}
