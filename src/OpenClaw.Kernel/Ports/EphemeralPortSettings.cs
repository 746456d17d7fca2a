using System.Buffers.Text;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Ports;

/// <summary>The rule of tcp_tw_reuse: which TIME_WAIT ports connect() may reuse.</summary>
public enum TimeWaitReuse
{
    /// <summary>Reuses no port.</summary>
    Never = 0,

    /// <summary>Reuses all ports that are older than the delay.</summary>
    Always = 1,

    /// <summary>
    /// Reuses ports whose source or destination is a loopback address (the default since Linux 4.19).
    /// </summary>
    Loopback = 2,
}

/// <summary>The sysctls of one network namespace that decide which ports the kernel assigns.</summary>
/// <param name="First">The lower end of ip_local_port_range.</param>
/// <param name="Last">The upper end, inclusive.</param>
/// <param name="Reserved">ip_local_reserved_ports: never assigned.</param>
/// <param name="Reuse">tcp_tw_reuse.</param>
/// <param name="ReuseDelay">The age from which a TIME_WAIT port may be reused.</param>
/// <param name="Timestamps">tcp_timestamps: without them, no TIME_WAIT port is ever reused.</param>
public sealed record EphemeralPortSettings(
    ushort First,
    ushort Last,
    PortSet Reserved,
    TimeWaitReuse Reuse,
    TimeSpan ReuseDelay,
    bool Timestamps
) : IPerNamespace
{
    const string RangeFile = "sys/net/ipv4/ip_local_port_range";
    const string ReservedFile = "sys/net/ipv4/ip_local_reserved_ports";
    const string ReuseFile = "sys/net/ipv4/tcp_tw_reuse";
    const string ReuseDelayFile = "sys/net/ipv4/tcp_tw_reuse_delay";
    const string TimestampsFile = "sys/net/ipv4/tcp_timestamps";

    // Before the sysctl tcp_tw_reuse_delay existed (Linux 6.14), the delay was always one second.
    const long DefaultReuseDelayMilliseconds = 1000;

    /// <summary>The number of ports in the range, reserved ones included.</summary>
    public int RangeSize => Last - First + 1;

    /// <summary>
    /// True when connect() and bind() search one port less than the range has. They step over it in twos and round an
    /// odd size down (__inet_hash_connect and inet_csk_find_open_port, "remaining &amp;= ~1U"). UDP searches all ports.
    /// </summary>
    public bool LosesOnePort => RangeSize > 1 && RangeSize % 2 == 1;

    /// <summary>Returns true where the kernel may assign this port.</summary>
    public bool Includes(ushort port) => port >= First && port <= Last && !Reserved.Contains(port);

    /// <summary>Returns the number of ports that the kernel may assign: the range without the reserved ones.</summary>
    public int UsableCount() => UsableCount(First, Last);

    /// <summary>Returns the number of ports that the kernel may assign between two ports, both included.</summary>
    public int UsableCount(ushort from, ushort to)
    {
        var (first, last) = (Math.Max(from, First), Math.Min(to, Last));
        return first > last ? 0 : last - first + 1 - Reserved.CountBetween(first, last);
    }

    /// <summary>Reads the sysctls of the calling thread's network namespace.</summary>
    public static Reading<EphemeralPortSettings> Read(ProcMount proc)
    {
        // A kernel, or an emulation of one, without the other files has nothing reserved and never reuses a port early.
        var range = proc.ReadEverywhere(RangeFile, ParseRange);
        var reserved = OrDefault(proc.Read(ReservedFile, ParseReserved), new PortSet());
        var reuse = OrDefault(proc.ReadInteger(ReuseFile), 0);
        var timestamps = OrDefault(proc.ReadInteger(TimestampsFile), 0);
        var delay = OrDefault(proc.Read(ReuseDelayFile, ParseDelay), DefaultReuseDelayMilliseconds);
        var missing = range.Missing ?? reserved.Missing ?? reuse.Missing ?? timestamps.Missing ?? delay.Missing;
        return missing is not null
            ? missing
            : new EphemeralPortSettings(
                range.Value.First,
                range.Value.Last,
                reserved.Value,
                (TimeWaitReuse)reuse.Value,
                TimeSpan.FromMilliseconds(delay.Value),
                timestamps.Value != 0
            );
    }

    /// <summary>Parses tcp_tw_reuse_delay, which the kernel keeps in 32 bits.</summary>
    static Reading<long> ParseDelay(ReadOnlySpan<byte> text) =>
        KernelText.ParseInteger(text) is var delay && delay.TryGet(out var value) && value is < 0 or > uint.MaxValue
            ? KernelText.Malformed(1, "milliseconds from 0 to 2^32-1", text)
            : delay;

    static Reading<T> OrDefault<T>(Reading<T> reading, T absent) => reading.Outcome == Outcome.None ? absent : reading;

    /// <summary>Parses "first last".</summary>
    public static Reading<(ushort First, ushort Last)> ParseRange(ReadOnlySpan<byte> text)
    {
        var rest = text;
        return
            KernelText.TryTakeInteger(ref rest, out var first)
            && KernelText.TryTakeInteger(ref rest, out var last)
            && rest.IsEmpty
            && first is >= 0 and <= ushort.MaxValue
            && last is >= 0 and <= ushort.MaxValue
            && first <= last
            ? ((ushort)first, (ushort)last)
            : KernelText.Malformed(1, "two ports, the lower one first", text);
    }

    /// <summary>Parses a list such as "8080,9000-9010"; an empty file is an empty set.</summary>
    public static Reading<PortSet> ParseReserved(ReadOnlySpan<byte> text)
    {
        var ports = new PortSet();
        var list = text.Trim(" \t\n"u8);
        if (list.IsEmpty)
            return ports;
        foreach (var range in list.Split((byte)','))
        {
            var item = list[range];
            if (!Utf8Parser.TryParse(item, out ushort first, out var length))
                return KernelText.Malformed(1, "ports and port ranges separated by commas", text);
            var last = first;
            if (
                length < item.Length
                && (
                    item[length] != '-'
                    || !Utf8Parser.TryParse(item[(length + 1)..], out last, out var lastLength)
                    || length + 1 + lastLength != item.Length
                    || last < first
                )
            )
            {
                return KernelText.Malformed(1, "ports and port ranges separated by commas", text);
            }

            ports.Add(first, last);
        }

        return ports;
    }
}
