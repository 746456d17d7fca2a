using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Counters;

/// <summary>The row Udp of /proc/net/snmp.</summary>
public sealed class UdpCounters : ProtocolCounters, IPerNamespace
{
    internal const string File = "thread-self/net/snmp";

    static CounterNames Latest = CounterNames.None;

    UdpCounters(CounterNames names, long[] values)
        : base(names, values) { }

    /// <summary>Parses the file.</summary>
    public static Reading<UdpCounters> Parse(ReadOnlySpan<byte> text) =>
        Parse(text, "Udp", ref Latest, static (names, values) => new UdpCounters(names, values));
}
