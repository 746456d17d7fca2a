using System.Collections.Immutable;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Procfs;

namespace OpenClaw.Exporter.Pools;

/// <summary>The pool of file descriptors of processes.</summary>
static class ProcessDescriptorPool
{
    /// <summary>How many names are shown beside the watched ones.</summary>
    const int WorstOthers = 3;

    /// <summary>The network namespace of a process that the kernel does not let one see.</summary>
    const string Unknown = "unknown";

    /// <summary>How many watched names are shown: an expression that matches everything must not name everything.</summary>
    const int WorstWatched = 8;

    /// <summary>
    /// One level for each process name: that of its fullest process, so that series survive a restart and a pool of
    /// workers is as close to failing as its worst one.
    /// </summary>
    public static Reading<ImmutableArray<PoolLevel>> Read(Snapshot snapshot) =>
        snapshot.Get<ProcessTable>().Select(table =>
        {
            var isWhole = snapshot.Get<NamespaceSnapshots>().TryGet(out _);
            var namespaces = snapshot.Get<NetworkNamespaces>();
            PoolLevel WithNetns(ProcessDescriptors process, PoolLevel level) =>
                isWhole && namespaces.TryGet(out var found) ? level with { Netns = found.Of(process)?.Name ?? Unknown } : level;

            // Several processes of one name, some watched: a watched one is not hidden behind another.
            var names = table.Processes
                .Select(static process => (Process: process, Level: LevelOf(process)))
                .Where(static entry => entry.Level is not null)
                .GroupBy(static entry => entry.Process.Name)
                .Select(static group => group
                    .OrderByDescending(static entry => entry.Process.IsWatched)
                    .ThenByDescending(static entry => entry.Level!.Utilization ?? 0)
                    .ThenByDescending(static entry => entry.Level!.Used)
                    .First())
                .OrderByDescending(static entry => entry.Level!.Utilization ?? 0)
                .ThenByDescending(static entry => entry.Level!.Used)
                .ThenBy(static entry => entry.Process.Name, StringComparer.Ordinal)
                .ToList();
            return ImmutableArray.CreateRange(
                names.Where(static entry => entry.Process.IsWatched).Take(WorstWatched)
                    .Concat(names.Where(static entry => !entry.Process.IsWatched && entry.Level!.Used > 0).Take(WorstOthers))
                    .Select(entry => WithNetns(entry.Process, entry.Level!)));
        });

    static PoolLevel? LevelOf(ProcessDescriptors process) =>
        process.Open.TryGet(out var open)
            ? new(open, process.Limits.TryGet(out var limits) ? limits.OpenFilesSoft : null, process.Name, [process.Name]) { Pid = process.Pid }
            : null;
}
