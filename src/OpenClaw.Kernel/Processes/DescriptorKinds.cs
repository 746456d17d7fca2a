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
    /// The factor by which the counts of a sample were multiplied; 1 where every descriptor was read.
    /// </summary>
    public double Scale { get; init; } = 1;

    /// <summary>True where the counts are from a sample.</summary>
    public bool IsEstimate => Scale != 1;

    /// <summary>
    /// The sockets by what they are, in the counts of a sample scaled like the others. Null where the process is not
    /// near its limit, or the tables of sockets could not be read.
    /// </summary>
    public HeldSockets? Held { get; init; }

    /// <summary>The place that most of the files share. Null where the process is not near its limit.</summary>
    public HeldFiles? HeldFiles { get; init; }

    /// <summary>
    /// The most frequent kind of descriptor without a path, such as "inotify". Empty where the process is not near its
    /// limit.
    /// </summary>
    public string MostWithoutPath { get; init; } = "";

    /// <summary>The number of descriptors of that kind.</summary>
    public long CountWithoutPath { get; init; }

    /// <summary>The counts by the names of their kinds.</summary>
    public ImmutableArray<(string Name, long Count)> ByName =>
        [("socket", Sockets), ("file", Files), ("pipe", Pipes), ("epoll", Epolls), ("other", Others)];
}

/// <summary>The kinds of the open descriptors of the watched processes.</summary>
/// <param name="ByPid">The kinds for each watched process, or the reason why they are unknown. Without CAP_SYS_PTRACE,
/// the processes of other users cannot be read.</param>
public sealed record WatchedDescriptors(IReadOnlyDictionary<int, Reading<DescriptorKinds>> ByPid)
{
    /// <summary>The limit on links read in one snapshot. Each costs about 3 µs.</summary>
    public const long CountedAtMost = 20_000;

    /// <summary>The kinds for the processes nearest to their limits that are not watched.</summary>
    public IReadOnlyDictionary<int, DescriptorKinds> Others { get; init; } = new Dictionary<int, DescriptorKinds>();

    /// <summary>Returns the kinds for a process, watched or not; null when they are unknown.</summary>
    public DescriptorKinds? Find(int pid) =>
        ByPid.TryGetValue(pid, out var reading) && reading.TryGet(out var kinds)
            ? kinds
            : Others.GetValueOrDefault(pid);
}
