using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Processes;

/// <summary>The part of a process that seldom changes, as it was read last.</summary>
/// <param name="Name">Its name and command line.</param>
/// <param name="Limits">Its RLIMIT_NOFILE; missing for a process that has nothing open and is not watched.</param>
/// <param name="Namespace">Its network namespace; null when that cannot be told.</param>
sealed record KnownProcess(ProcessName Name, Reading<ProcessLimits> Limits, NamespaceSign? Namespace)
{
    /// <summary>The longest time between two readings.</summary>
    static readonly TimeSpan Longest = TimeSpan.FromMinutes(4);

    /// <summary>The threads that are in another network namespace than the first one.</summary>
    public ImmutableArray<(int Id, NamespaceSign Namespace)> Elsewhere { get; init; } = [];

    /// <summary>True where it matches the watch expression.</summary>
    public bool IsWatched { get; init; }

    /// <summary>
    /// True where it is itself the watched program; see <see cref="ProcessDescriptors.IsWatchedProgram"/>.
    /// </summary>
    public bool IsWatchedProgram { get; init; }

    /// <summary>True for an unwatched thread of the kernel. It has no descriptors and needs no look.</summary>
    public bool IsKernelThread { get; init; }

    /// <summary>
    /// A thread that still runs where the main thread has ended. /proc/PID/fd is empty then, and the threads hold the
    /// descriptors. Null for other processes.
    /// </summary>
    public int? Thread { get; init; }

    /// <summary>The time at which the process was seen first.</summary>
    public required TimeSpan FirstSeen { get; init; }

    /// <summary>The time at which this was read.</summary>
    public required TimeSpan ReadAt { get; init; }

    /// <summary>
    /// Tells whether it is due to be read again. It is due after as long as the process had been known at the last
    /// reading, and after five minutes at most. So a new process is read twice in a row, because exec() gives it
    /// another name. A program that an entry script starts after half a minute is seen half a minute later. The id
    /// spreads the old ones over a minute.
    /// </summary>
    public bool IsDue(int pid, TimeSpan now)
    {
        var age = ReadAt - FirstSeen;
        var longest = Longest + TimeSpan.FromSeconds(pid % 60);
        return now - ReadAt >= (age < longest ? age : longest);
    }
}
