using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Counters;

/// <summary>The row TcpExt of /proc/net/netstat.</summary>
public sealed class TcpExtCounters : ProtocolCounters, IPerNamespace
{
    internal const string File = "thread-self/net/netstat";

    static CounterNames Latest = CounterNames.None;

    TcpExtCounters(CounterNames names, long[] values)
        : base(names, values) { }

    /// <summary>Parses the file.</summary>
    public static Reading<TcpExtCounters> Parse(ReadOnlySpan<byte> text) =>
        Parse(text, "TcpExt", ref Latest, static (names, values) => new TcpExtCounters(names, values));
}
