using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Processes;

/// <summary>What the open descriptors of a process are.</summary>
/// <param name="Sockets">Sockets of every family.</param>
/// <param name="Files">Whatever has a path: regular files, directories, devices.</param>
/// <param name="Pipes">Pipes without a name.</param>
/// <param name="Epolls">Epoll instances.</param>
/// <param name="Others">The rest: eventfd, timerfd, inotify, namespaces.</param>
public sealed record DescriptorKinds(long Sockets, long Files, long Pipes, long Epolls, long Others)
{
    /// <summary>
    /// Whether the counts are those of a sample, held against all that are open: of a process with very many, not every
    /// one is looked at.
    /// </summary>
    public bool IsEstimate { get; init; }

    /// <summary>The counts by the names of their kinds.</summary>
    public ImmutableArray<(string Name, long Count)> ByName =>
        [("socket", Sockets), ("file", Files), ("pipe", Pipes), ("epoll", Epolls), ("other", Others)];
}

/// <summary>What the open descriptors of the watched processes are.</summary>
/// <param name="ByPid">For each watched process, or why it cannot be said: without CAP_SYS_PTRACE those of other users
/// cannot be read.</param>
public sealed record WatchedDescriptors(ImmutableDictionary<int, Reading<DescriptorKinds>> ByPid);
