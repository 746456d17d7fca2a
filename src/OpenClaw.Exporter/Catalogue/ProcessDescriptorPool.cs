using System.Collections.Immutable;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The pool of file descriptors of processes.</summary>
static class ProcessDescriptorPool
{
    /// <summary>How many names are shown beside the watched ones.</summary>
    const int WorstOthers = 10;

    /// <summary>
    /// No system starts programs with less: the least that is met is macOS's 256, and the shells need up to 64.
    /// </summary>
    const long LeastLimit = 64;

    /// <summary>
    /// How many watched names are shown: an expression that matches everything must not name everything.
    /// </summary>
    const int WorstWatched = 6;

    /// <summary>The most names that are shown.</summary>
    public const int AtMost = WorstWatched + WorstOthers;

    /// <summary>
    /// One level for each process name: that of its fullest process, so that series survive a restart and a pool of
    /// workers is as close to failing as its worst one.
    /// </summary>
    public static Reading<ImmutableArray<PoolLevel>> Read(NamespaceView view) =>
        view.Get<ProcessTable>()
            .Select(table =>
            {
                var isWhole = view.Get<NamespaceSnapshots>().TryGet(out _);
                var namespaces = view.Get<NetworkNamespaces>();
                PoolLevel WithNetns(ProcessDescriptors process, PoolLevel level) =>
                    isWhole && namespaces.TryGet(out var found)
                        ? level with
                        {
                            Netns = found.Find(process)?.Name ?? NetworkNamespaces.Unknown,
                        }
                        : level;

                // Several processes of one name, some watched: a watched one is not hidden behind another.
                var names = table
                    .Processes.Select(static process => (Process: process, Level: LevelOf(process)))
                    .Where(static entry => entry.Level is not null)
                    .GroupBy(static entry => entry.Process.Name)
                    .Select(static group =>
                        group
                            .OrderByDescending(static entry => entry.Process.IsWatched)
                            .ThenByDescending(static entry => entry.Level!.Utilization ?? 0)
                            .ThenByDescending(static entry => entry.Level!.Used)
                            .First()
                    )
                    .OrderByDescending(static entry => entry.Level!.Utilization ?? 0)
                    .ThenByDescending(static entry => entry.Level!.Used)
                    .ThenBy(static entry => entry.Process.Name, StringComparer.Ordinal)
                    .ToList();
                return ImmutableArray.CreateRange(
                    names
                        .Where(static entry => entry.Process.IsWatched)
                        .Take(WorstWatched)
                        .Concat(
                            names
                                .Where(static entry => !entry.Process.IsWatched && entry.Level!.Used > 0)
                                .Take(WorstOthers)
                        )
                        .Select(entry => WithNetns(entry.Process, entry.Level!))
                );
            });

    /// <summary>
    /// Whether a process has taken the right to open from itself, as sandboxes do: OpenSSH's child before
    /// authentication has a limit of 1 and five open. It holds more than its limit, which open() can never bring about,
    /// or could hold hardly anything.
    /// </summary>
    static bool IsSandboxed(ProcessDescriptors process, long open) =>
        process.Limits.TryGet(out var limits)
        && limits.OpenFilesSoft is { } limit
        && (limit < LeastLimit || open > limit);

    /// <summary>Why a watched process could not be counted.</summary>
    public static Missing? Shortfall(NamespaceView view) =>
        view.Get<ProcessTable>().TryGet(out var table)
            ? table.Unnamed
                ?? table
                    .Processes.FirstOrDefault(static process => process.IsWatched && process.Open.Missing is not null)
                    ?.Open.Missing
            : null;

    static PoolLevel? LevelOf(ProcessDescriptors process) =>
        process.Open.TryGet(out var open) && (process.IsWatched || !IsSandboxed(process, open))
            ? PoolLevel.From(
                open,
                process.Limits.Select(static limits => limits.OpenFilesSoft),
                new ProcessSubject(process)
            )
            : null;
}
