using System.Collections.Immutable;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The pool of file descriptors of processes.</summary>
static class ProcessDescriptorPool
{
    /// <summary>The limit on names that are shown besides the watched ones.</summary>
    const int WorstOthers = 10;

    /// <summary>
    /// The lowest utilisation at which a process is shown that is neither watched nor the fullest. Without it,
    /// short-lived programs with a few descriptors would have most of the series of a quiet machine.
    /// </summary>
    const double LeastUtilization = 0.05;

    /// <summary>The lowest limit of a program that wants to open files. Sandboxes have 0, 1 or a few.</summary>
    public const long LeastLimit = 16;

    /// <summary>The number of descriptors from which a process is no sandbox, at any limit.</summary>
    public const long MostOfSandbox = 64;

    /// <summary>The limit on watched names that are shown, for an expression that matches everything.</summary>
    const int WorstWatched = 6;

    /// <summary>The limit on names that are shown.</summary>
    public const int AtMost = WorstWatched + WorstOthers;

    /// <summary>
    /// Reads one level for each process name: that of its fullest process. So series survive a restart, and a pool of
    /// workers is as close to failure as its worst worker.
    /// </summary>
    public static Reading<ImmutableArray<PoolLevel>> Read(NamespaceView view) =>
        view.Get<ProcessTable>()
            .Select(table =>
            {
                // By their name, some namespaces without the exporter's own are shown, with their processes only.
                var selected =
                    view.Get<NamespaceSnapshots>().TryGet(out var snapshots) && !snapshots.IncludesOwn
                        ? snapshots.Used.Select(static seen => seen.Namespace.Name).ToHashSet()
                        : null;
                var namespaces = view.Get<NetworkNamespaces>();
                var isWhole = snapshots is not null && namespaces.TryGet(out var all) && all.All.Length > 1;
                string NetnsOf(ProcessDescriptors process) =>
                    (namespaces.TryGet(out var found) ? found.Find(process)?.Name : null) ?? NetworkNamespaces.Unknown;

                var gateways = view.Get<FoundGateways>().TryGet(out var running) ? running : null;

                // A watched process has precedence among several with the same name. A level is made only of those that
                // may be shown, for there may be thousands of the same name.
                var names = table
                    .Processes.Where(process => IsJudged(process) && (selected?.Contains(NetnsOf(process)) ?? true))
                    .GroupBy(static process => process.Name)
                    .Select(group =>
                        group
                            .OrderByDescending(static process => process.IsWatched)
                            .ThenByDescending(process => Certainty(process, gateways))
                            .ThenByDescending(static process => process.Utilization)
                            .ThenByDescending(OpenIn)
                            .First()
                    )
                    .OrderByDescending(static process => process.Utilization)
                    .ThenByDescending(OpenIn)
                    .ThenBy(static process => process.Name, StringComparer.Ordinal)
                    .ToList();
                return ImmutableArray.CreateRange(
                    names
                        .Where(static process => process.IsWatched)
                        .OrderByDescending(process => Certainty(process, gateways))
                        .Take(WorstWatched)
                        .OrderByDescending(static process => process.Utilization)
                        .Concat(
                            names
                                .Where(static process => !process.IsWatched && OpenIn(process) > 0)
                                .Where(static (process, rank) => rank == 0 || process.Utilization >= LeastUtilization)
                                .Take(WorstOthers)
                        )
                        .Select(process =>
                            isWhole
                                ? LevelOf(process, gateways) with
                                {
                                    Netns = NetnsOf(process),
                                }
                                : LevelOf(process, gateways)
                        )
                );
            });

    /// <summary>
    /// Returns true where a process has given up its right to open files, as sandboxes do. OpenSSH's child before
    /// authentication has a limit of 1 and five open. A sandbox is small in both: a process that holds many descriptors
    /// above its limit is full, as after prlimit() lowered the limit.
    /// </summary>
    static bool IsSandboxed(ProcessDescriptors process, long open) =>
        process.Limits.TryGet(out var limits)
        && limits.OpenFilesSoft is { } limit
        && limit < LeastLimit
        && open < MostOfSandbox;

    /// <summary>
    /// Returns the certainty that a process is the watched one. Any user can give a process its name. Fewer can listen
    /// at its port, or run in a unit or container.
    /// </summary>
    static int Certainty(ProcessDescriptors process, FoundGateways? gateways)
    {
        var gateway = gateways?.Running.FirstOrDefault(one => one.Pid == process.Pid);
        if (gateway is { Address.Port: GatewayDiscovery.UsualPort })
            return 5;
        if (gateway is { Address: not null })
            return gateway.Owner.Length > 0 ? 4 : 3;
        if (gateways?.StarterOf(process.Pid) is not null)
            return 2;
        return process.IsWatchedProgram ? 1 : 0;
    }

    /// <summary>Returns the reason why some process could not be counted.</summary>
    public static Missing? Shortfall(NamespaceView view) =>
        view.Get<ProcessTable>().TryGet(out var table) ? table.Uncounted : null;

    /// <summary>Returns true where the number of descriptors is known, and the process may open files.</summary>
    static bool IsJudged(ProcessDescriptors process) =>
        process.Open.TryGet(out var open) && (process.IsWatched || !IsSandboxed(process, open));

    static long OpenIn(ProcessDescriptors process) => process.Open.TryGet(out var open) ? open : 0;

    static PoolLevel LevelOf(ProcessDescriptors process, FoundGateways? gateways) =>
        PoolLevel.From(
            OpenIn(process),
            process.Limits.Select(static limits => limits.OpenFilesSoft),
            new ProcessSubject(process)
            {
                Starter = gateways?.StarterOf(process.Pid),
                Sandbox = gateways?.SandboxOf(process.Pid),
            }
        );
}
