namespace OpenClaw.Kernel.Procfs;

/// <summary>What connection tracking of one network namespace failed at since the namespace was made, over all CPUs.</summary>
/// <param name="Drops">Packets dropped because the table was full and nothing could be evicted (drop).</param>
/// <param name="EarlyDrops">Entries evicted to make room in a full table (early_drop).</param>
/// <param name="InsertFailures">Entries that could not be put into the table (insert_failed).</param>
/// <param name="Clashes">Entries that met another for the same connection and were merged or given up (clash_resolve).</param>
/// <param name="ChainTooLong">Packets dropped because a hash chain was too long (chain_toolong).</param>
public sealed record ConntrackFailures(long Drops, long EarlyDrops, long InsertFailures, long Clashes, long ChainTooLong);
