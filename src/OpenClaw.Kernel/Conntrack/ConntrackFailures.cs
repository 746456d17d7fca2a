using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Conntrack;

/// <summary>
/// Failures of connection tracking in one network namespace since it was created, summed over all CPUs. A single
/// counter is <see cref="Absence.NotPresent"/> where the kernel does not count it.
/// </summary>
/// <param name="Drops">Packets dropped because the table was full with nothing to evict, or because their entry could
/// not be inserted (drop).</param>
/// <param name="EarlyDrops">Entries evicted to make room in a full table (early_drop).</param>
/// <param name="InsertFailures">Entries that could not be inserted into the table (insert_failed).</param>
/// <param name="Clashes">Entries that clashed with another entry of the same connection, and were merged or discarded
/// (clash_resolve).</param>
/// <param name="ChainTooLong">Packets dropped because a hash chain was too long (chain_toolong).</param>
public sealed record ConntrackFailures(
    Reading<long> Drops,
    Reading<long> EarlyDrops,
    Reading<long> InsertFailures,
    Reading<long> Clashes,
    Reading<long> ChainTooLong
) : IPerNamespace
{
    internal const string File = "thread-self/net/stat/nf_conntrack";

    /// <summary>Parses /proc/net/stat/nf_conntrack by its column names.</summary>
    public static Reading<ConntrackFailures> Parse(ReadOnlySpan<byte> text) =>
        PerCpuTable
            .Parse(text)
            .Select(static table =>
            // Older kernels give the last two columns other names and other meanings. Their values are missing then.
            new ConntrackFailures(
                table.Sum("drop"),
                table.Sum("early_drop"),
                table.Sum("insert_failed"),
                table.Sum("clashres", "clash_resolve"),
                table.Sum("chainlength", "chaintoolong")
            ));
}
