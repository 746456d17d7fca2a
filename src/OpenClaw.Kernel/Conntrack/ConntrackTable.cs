using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Conntrack;

/// <summary>
/// The connection tracking table as one network namespace sees it. The maximum is one value for the machine, but each
/// namespace's own count is held against it, so the two may be divided.
/// </summary>
/// <param name="Count">nf_conntrack_count: entries of this namespace.</param>
/// <param name="Maximum">nf_conntrack_max; null when it is no limit (the kernel takes 0 for "unlimited").</param>
public sealed record ConntrackTable(long Count, Reading<long?> Maximum) : IPerNamespace
{
    internal const string CountFile = "sys/net/netfilter/nf_conntrack_count";
    internal const string MaximumFile = "sys/net/netfilter/nf_conntrack_max";

    internal static Reading<ConntrackTable> Read(ProcMount proc) =>
        proc.ReadInteger(CountFile)
            .Select(count => new ConntrackTable(
                count,
                proc.ReadInteger(MaximumFile).Select(maximum => maximum == 0 ? (long?)null : maximum)
            ));

    /// <summary>
    /// The count of a namespace that the reader is not in, and the limit, which is one value for the machine. The
    /// sysctl's count would be the reader's.
    /// </summary>
    internal static Reading<ConntrackTable> ReadFromOutside(ProcMount proc) =>
        CountFromOutside(proc)
            .Select(count => new ConntrackTable(
                count,
                proc.ReadInteger(MaximumFile).Select(maximum => maximum == 0 ? (long?)null : maximum)
            ));

    /// <summary>The count from the column that /proc/net/stat repeats on every line.</summary>
    internal static Reading<long> CountFromOutside(ProcMount proc) =>
        proc.Read(ConntrackFailures.File, static text =>
            PerCpuTable.Parse(text).Then(static table => table.Once("entries"))
        );
}
