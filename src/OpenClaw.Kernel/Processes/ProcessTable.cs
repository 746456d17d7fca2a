using System.Collections.Immutable;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Processes;

/// <summary>The processes that this mount of procfs shows, less the exporter itself.</summary>
/// <param name="Processes">Each process once, less those that have nothing open and are not watched, such as kernel
/// threads, and those that ended while they were being read.</param>
public sealed record ProcessTable(ImmutableArray<ProcessDescriptors> Processes)
{
    /// <summary>
    /// Why some process could not be named, so that nobody knows whether it is watched; null when all were.
    /// </summary>
    public Missing? Unnamed { get; init; }

    /// <summary>The network namespaces of all of them, of those with nothing open and of the exporter too.</summary>
    internal ImmutableArray<ProcessNamespace> NetworkNamespaces { get; init; } = [];
}

/// <summary>The file descriptors of one process.</summary>
/// <param name="Pid">Its process id in the namespace of the mount.</param>
/// <param name="Name">Its command name; see <see cref="ProcessName"/>.</param>
/// <param name="IsWatched">Whether it matches the watch expression.</param>
/// <param name="Open">Descriptors open.</param>
/// <param name="Limits">Its RLIMIT_NOFILE; at the soft one open() fails with EMFILE.</param>
public sealed record ProcessDescriptors(
    int Pid,
    string Name,
    bool IsWatched,
    Reading<long> Open,
    Reading<ProcessLimits> Limits
)
{
    /// <summary>
    /// Whether it is itself what is watched, by its name, program or systemd unit: not one whose arguments only mention
    /// it, as those of an editor or of tail do. Never an exporter.
    /// </summary>
    public bool IsWatchedProgram { get; init; }

    /// <summary>Which network namespace it is in; null when that could not be seen.</summary>
    internal FileIdentity? NetworkNamespace { get; init; }
}
