using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Conntrack;

/// <summary>What connection tracking of one network namespace failed at since the namespace was made, over all CPUs.</summary>
/// <param name="Drops">Packets dropped because the table was full and nothing could be evicted, or because their entry could not be put into it (drop).</param>
/// <param name="EarlyDrops">Entries evicted to make room in a full table (early_drop).</param>
/// <param name="InsertFailures">Entries that could not be put into the table (insert_failed).</param>
/// <param name="Clashes">Entries that met another for the same connection and were merged or given up (clash_resolve); null where the kernel does not count it.</param>
/// <param name="ChainTooLong">Packets dropped because a hash chain was too long (chain_toolong); null where the kernel does not count it.</param>
public sealed record ConntrackFailures(long Drops, long EarlyDrops, long InsertFailures, long? Clashes, long? ChainTooLong)
{
    internal const string File = "thread-self/net/stat/nf_conntrack";

    /// <summary>Parses /proc/net/stat/nf_conntrack by its column names.</summary>
    public static Reading<ConntrackFailures> Parse(ReadOnlySpan<byte> text) => PerCpuTable.Parse(text).Then<ConntrackFailures>(static table =>
        table.Sum("drop").Then(drops =>
        table.Sum("early_drop").Then(early =>
        table.Sum("insert_failed").Select(insert =>

            // The last two columns have other names, on older kernels, and other meanings: then nothing is said.
            new ConntrackFailures(drops, early, insert, OrNull(table.Sum("clashres", "clash_resolve")), OrNull(table.Sum("chainlength", "chaintoolong")))))));

    /// <summary>From /proc, or by ctnetlink where a kernel that tracks connections lacks the file.</summary>
    internal static Reading<ConntrackFailures> Read(ProcMount proc, Func<TimeSpan, Reading<INetlinkTransport>> openNetfilter, Deadline deadline)
    {
        var failures = proc.Read(File, Parse);
        return failures.Outcome == Outcome.None && proc.ReadInteger(ConntrackTable.CountFile).TryGet(out _)
            ? CtnetlinkStats.Read(openNetfilter, deadline)
            : failures;
    }

    static long? OrNull(Reading<long> reading) => reading.TryGet(out var value) ? value : null;
}
