using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Conntrack;

/// <summary>
/// The connection tracking table of one network namespace. The limit is one value for the machine. The kernel compares
/// it with the count of each namespace, so that count divided by limit is the utilization.
/// </summary>
/// <param name="Count">nf_conntrack_count: the entries of this namespace.</param>
/// <param name="Maximum">nf_conntrack_max; null for no limit (the kernel takes 0 for "unlimited").</param>
public sealed record ConntrackTable(long Count, Reading<long?> Maximum) : IPerNamespace
{
    internal const string CountFile = "sys/net/netfilter/nf_conntrack_count";
    internal const string MaximumFile = "sys/net/netfilter/nf_conntrack_max";

    internal static Reading<ConntrackTable> Read(ProcMount proc) =>
        proc.Read(CountFile, ParseCount)
            .Select(count => new ConntrackTable(
                count,
                proc.ReadInteger(MaximumFile).Select(maximum => maximum == 0 ? (long?)null : maximum)
            ));

    /// <summary>
    /// Reads the count of another namespace, and the limit, which is one value for the machine. The sysctl would show
    /// the count of the reader's own namespace.
    /// </summary>
    internal static Reading<ConntrackTable> ReadFromOutside(ProcMount proc) =>
        CountFromOutside(proc)
            .Select(count => new ConntrackTable(
                count,
                proc.ReadInteger(MaximumFile).Select(maximum => maximum == 0 ? (long?)null : maximum)
            ));

    static Reading<long> ParseCount(ReadOnlySpan<byte> text) =>
        KernelText.ParseInteger(text) is var count && count.TryGet(out var value) && value < 0
            ? KernelText.Malformed(1, "a number from 0 up", text)
            : count;

    /// <summary>Reads the count from the column "entries", which /proc/net/stat repeats on every line.</summary>
    internal static Reading<long> CountFromOutside(ProcMount proc) =>
        proc.Read(ConntrackFailures.File, static text =>
            PerCpuTable.Parse(text).Then(static table => table.Once("entries"))
        );
}
