using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Processes;

/// <summary>The numbers of open descriptors of a process, by kind.</summary>
/// <param name="Sockets">Sockets of every family.</param>
/// <param name="Files">Everything with a path: regular files, directories, devices.</param>
/// <param name="Pipes">Pipes without a name.</param>
/// <param name="Epolls">Epoll instances.</param>
/// <param name="Others">All other kinds: eventfd, timerfd, inotify, namespaces.</param>
public sealed record DescriptorKinds(long Sockets, long Files, long Pipes, long Epolls, long Others)
{
    /// <summary>
    /// True where the counts are extrapolated from a sample. For a process with very many descriptors, not every one is
    /// read.
    /// </summary>
    public bool IsEstimate { get; init; }

    /// <summary>
    /// The sockets by what they are, in the counts of a sample scaled like the others. Null where the process is not
    /// near its limit, or the tables of sockets could not be read.
    /// </summary>
    public HeldSockets? Held { get; init; }

    /// <summary>The counts by the names of their kinds.</summary>
    public ImmutableArray<(string Name, long Count)> ByName =>
        [("socket", Sockets), ("file", Files), ("pipe", Pipes), ("epoll", Epolls), ("other", Others)];
}

/// <summary>The kinds of the open descriptors of the watched processes.</summary>
/// <param name="ByPid">The kinds for each watched process, or the reason why they are unknown. Without CAP_SYS_PTRACE,
/// the processes of other users cannot be read.</param>
public sealed record WatchedDescriptors(ImmutableDictionary<int, Reading<DescriptorKinds>> ByPid)
{
    /// <summary>The limit on links read in one snapshot. Each costs about 3 µs.</summary>
    public const long CountedAtMost = 20_000;

    /// <summary>The kinds for the processes nearest to their limits that are not watched.</summary>
    public ImmutableDictionary<int, DescriptorKinds> Others { get; init; } = [];

    /// <summary>Returns the kinds for a process, watched or not; null when they are unknown.</summary>
    public DescriptorKinds? Find(int pid) =>
        ByPid.TryGetValue(pid, out var reading) && reading.TryGet(out var kinds)
            ? kinds
            : Others.GetValueOrDefault(pid);
}
