namespace OpenClaw.Kernel.Holders;

/// <summary>Remembers holders, to tell the age of their oldest socket and their growth.</summary>
sealed class HolderTimes
{
    /// <summary>The shortest time over which a growth is computed.</summary>
    static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);

    /// <summary>The longest time over which a growth is computed. Then the next one begins.</summary>
    static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);

    Dictionary<(SocketGroup Group, int Pid), Seen> _seen = [];

    /// <summary>Returns the same holders with ages and growth, and remembers them.</summary>
    /// <param name="holders">The holders as they were just found.</param>
    /// <param name="now">The time, on a monotonic clock.</param>
    public NamespaceHolders Date(NamespaceHolders holders, TimeSpan now)
    {
        var seen = new Dictionary<(SocketGroup, int), Seen>();
        var dated = new NamespaceHolders([
            .. holders.Groups.Select(group =>
                group with
                {
                    Processes = [.. group.Processes.Select(holder => Date(group.Group, holder))],
                }
            ),
        ]);
        _seen = seen;
        return dated;

        SocketHolder Date(SocketGroup group, SocketHolder holder)
        {
            var key = (group, holder.Process.Pid);
            if (!_seen.TryGetValue(key, out var before))
            {
                seen[key] = new(holder.OldestInode, now, holder.Weight, now);
                return holder;
            }

            var oldest = before.Oldest == holder.OldestInode ? before.OldestSince : now;
            var (weight, since) = now - before.Since > Longest ? (holder.Weight, now) : (before.Weight, before.Since);
            seen[key] = new(holder.OldestInode, oldest, weight, since);
            return holder with
            {
                Oldest = oldest == now ? null : now - oldest,
                PerHour = now - since >= Shortest ? (holder.Weight - weight) / (now - since).TotalHours : null,
            };
        }
    }

    /// <summary>A holder as it was seen.</summary>
    /// <param name="Oldest">The inode of its oldest socket: the kernel counts them up.</param>
    /// <param name="OldestSince">The time at which that socket was seen first.</param>
    /// <param name="Weight">The weight at <paramref name="Since"/>.</param>
    /// <param name="Since">The time from which growth is computed.</param>
    sealed record Seen(ulong Oldest, TimeSpan OldestSince, long Weight, TimeSpan Since);
}
