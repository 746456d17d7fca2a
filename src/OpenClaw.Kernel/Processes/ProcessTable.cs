using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Processes;

/// <summary>The processes that this procfs shows, without the exporter itself.</summary>
/// <param name="Processes">The processes, each once. Without unwatched processes that have nothing open, such as kernel
/// threads, and without those that ended meanwhile.</param>
public sealed record ProcessTable(ImmutableArray<ProcessDescriptors> Processes)
{
    /// <summary>
    /// The reason why the name of some process is unknown, so that it may be a watched one; null when all names are
    /// known.
    /// </summary>
    public Missing? Unnamed { get; init; }

    /// <summary>
    /// The reason why the descriptors of some process are unknown, watched or not; null when all processes are counted.
    /// </summary>
    public Missing? Uncounted =>
        Unnamed
        ?? Processes
            .Select(static process => process.Open.Missing)
            .FirstOrDefault(static missing => missing is not null);

    /// <summary>
    /// True where only the processes of a child PID namespace are visible, as in a container. The processes of the
    /// rest of the machine are unknown, and so are network namespaces without a visible process.
    /// </summary>
    public bool IsOfContainer { get; init; }

    /// <summary>Returns the inode of the directory of a process in procfs; 0 where it is not in the table.</summary>
    internal ulong InodeOf(int pid) => Processes.FirstOrDefault(process => process.Pid == pid)?.Inode ?? 0;

    /// <summary>The network namespaces of all processes, also of the exporter and of those with nothing open.</summary>
    internal ImmutableArray<ProcessNamespace> NetworkNamespaces { get; init; } = [];
}

/// <summary>The file descriptors of one process.</summary>
/// <param name="Pid">The process id in the pid namespace of the procfs.</param>
/// <param name="Name">The command name; see <see cref="ProcessName"/>.</param>
/// <param name="IsWatched">True where the process matches the watch expression.</param>
/// <param name="Open">The number of open descriptors, in the fullest of its descriptor tables.</param>
/// <param name="Limits">The RLIMIT_NOFILE of the process; at the soft limit, open() fails with EMFILE.</param>
public sealed record ProcessDescriptors(
    int Pid,
    string Name,
    bool IsWatched,
    Reading<long> Open,
    Reading<ProcessLimits> Limits
)
{
    /// <summary>
    /// True where the name, program or systemd unit of the process itself is watched. False where only its arguments
    /// mention it, as for an editor or tail. Never true for an exporter.
    /// </summary>
    public bool IsWatchedProgram { get; init; }

    /// <summary>
    /// The thread whose own descriptor table <see cref="Open"/> counts; null for the table that the threads share.
    /// </summary>
    public int? Thread { get; init; }

    /// <summary>True where the main thread has ended, and its other threads hold the descriptors.</summary>
    public bool IsMainThreadGone { get; init; }

    /// <summary>The inode of the directory of the process in procfs; 0 when it was not read.</summary>
    public ulong Inode { get; init; }

    /// <summary>The identity of the process, which a later one with the same id does not have.</summary>
    public ProcessIdentity Identity => new(Pid, Inode);

    /// <summary>
    /// The number of open descriptors divided by the soft limit, at most 1; 0 where either is unknown or the limit is
    /// unlimited. A limit of 0 is full.
    /// </summary>
    public double Utilization =>
        Open.TryGet(out var open) && Limits.TryGet(out var limits) && limits.OpenFilesSoft is { } limit
            ? Divide(open, limit)
            : 0;

    /// <summary>The folder in procfs with a link for each of the descriptors.</summary>
    public string Folder => FolderOf(Pid, Thread);

    /// <summary>The network namespace of the process; null when it was not visible.</summary>
    internal FileIdentity? NetworkNamespace { get; init; }

    /// <summary>Returns the number of network namespaces of some processes.</summary>
    public static int CountNamespaces(IEnumerable<ProcessDescriptors> processes) =>
        processes.DistinctBy(static process => process.NetworkNamespace).Count();

    static double Divide(long open, long limit) => limit == 0 ? 1 : Math.Min((double)open / limit, 1);

    /// <summary>Returns the folder of a thread's descriptor table; null for the main thread.</summary>
    internal static string FolderOf(int pid, int? thread) =>
        thread is { } id
            ? string.Create(CultureInfo.InvariantCulture, $"{pid}/task/{id}/fd")
            : string.Create(CultureInfo.InvariantCulture, $"{pid}/fd");
}
