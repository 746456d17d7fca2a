using System.Collections.Immutable;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Refusals;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The calls of connect() that found no free port, counted in the kernel as they fail.</summary>
static class RefusedConnectSymptom
{
    public static Symptom Total { get; } =
        new()
        {
            Name = "refused_connects_total",
            Unit = "calls",
            IsCountedFromStart = true,
            Help =
                "Calls of connect() that failed with EADDRNOTAVAIL because no port was free, since the exporter "
                + "started. For the processes and destinations with the most. A destination that joins them counts "
                + "from then. other is the rest, and tells that the program in the kernel is loaded. An explicit "
                + "bind() to a pair of addresses in use does not count.",
            Source = RefusedConnects.Source,
            Capability = Privileges.CapabilityOf("refused_connects"),
            Scope = PoolScope.NetworkNamespace,
            Labels = ["destination", "process", "cgroup"],
            Alert = Alert.ConnectsRefused,
            Headline = static (words, where, _) => $"connect() found no free port{where}: {words}",
            Read = static view => view.Get<RefusedConnects>().Select(refused => Levels(refused, view)),
        };

    /// <summary>
    /// Returns the refused calls by the inode of the network namespace; null where they are not counted, or not in all.
    /// </summary>
    public static IReadOnlyDictionary<ulong, RefusedConnects>? ByInode(Snapshot snapshot)
    {
        var read = snapshot
            .Namespaces.Select(static view => (view.Namespace?.Inode, Refused: view.Get<RefusedConnects>()))
            .ToList();
        return read.Count > 0 && read.TrueForAll(static one => one is { Inode: not null, Refused.Missing: null })
            ? read.DistinctBy(static one => one.Inode)
                .ToDictionary(static one => one.Inode!.Value, static one => one.Refused.Value)
            : null;
    }

    /// <summary>Returns true where refused calls are counted in a network namespace.</summary>
    public static bool IsCounted(NamespaceView view) => view.Get<RefusedConnects>().Missing is null;

    static ImmutableArray<SymptomLevel> Levels(RefusedConnects refused, NamespaceView view)
    {
        var levels = new List<SymptomLevel>(refused.Worst.Length + 1);
        var paths = view.Get<CgroupPaths>().TryGet(out var named) ? named.ById : new Dictionary<ulong, string>();
        foreach (var worst in refused.Worst)
        {
            var (destination, cgroup) = (
                $"{worst.Destination}",
                paths.GetValueOrDefault(worst.CgroupId, NetworkNamespaces.Unknown)
            );

            // Several cgroups may be unknown.
            var same = levels.FindIndex(level =>
                level.Labels[0] == destination && level.Labels[1] == worst.Process && level.Labels[2] == cgroup
            );
            if (same >= 0)
            {
                levels[same] = levels[same] with { Value = levels[same].Value + worst.Count };
                continue;
            }

            var last = Moments.Format(worst.Last);
            var pid = worst.IsPidLocal ? $"pid {worst.Pid}" : $"pid {worst.Pid} on the host";
            levels.Add(
                new(worst.Count, destination, worst.Process, cgroup)
                {
                    Words = $"{worst.Process} ({pid}) to {destination}, last at {last}",
                }
            );
        }

        const string other = NetworkNamespaces.Others;
        levels.Add(new(refused.Others, other, other, other) { Words = "other processes and destinations" });
        return [.. levels];
    }
}
