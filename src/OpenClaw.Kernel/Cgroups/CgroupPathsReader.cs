using System.Collections.Immutable;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Refusals;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Cgroups;

/// <summary>
/// Names the cgroups with the most sockets, and those whose connect() was refused. It walks the tree when a requested
/// cgroup is new, and remembers only the requested ones. The kernel never reuses an id, and cgroup v2 renames nothing.
/// </summary>
/// <param name="proc">The procfs. Its mounts are searched for cgroup2.</param>
/// <param name="worst">The number of cgroups that are named.</param>
/// <param name="sysfs">The mount point of sysfs; cgroup2 is searched below it, if it is not /sys.</param>
sealed class CgroupPathsReader(ProcMount proc, int worst, string sysfs = CgroupMount.Sysfs)
    : Reader<CgroupPaths>("cgroup_paths", "/proc/self/mounts, directories of cgroup2")
{
    /// <summary>The limit on directories that a walk reads.</summary>
    const int DirectoriesAtMost = 20_000;

    /// <summary>The path by id; null for an id that the whole tree does not have.</summary>
    Dictionary<ulong, string?> _known = [];

    public override ImmutableArray<Type> Needs { get; init; } =
    [typeof(TcpSockets), typeof(ByNamespace<RefusedConnects>)];

    protected override Reading<CgroupPaths> Read(SamplingPass sampling) =>
        sampling
            .Get<TcpSockets>()
            .Then(sockets =>
            {
                ulong[] wanted =
                [
                    .. sockets
                        .Cgroups.Take(worst)
                        .Select(static cgroup => cgroup.Id)
                        .Concat(Refused(sampling))
                        .Where(static id => id != 0)
                        .Distinct(),
                ];

                // Kernels before 5.9 show no ids, with cgroup2 and without.
                if (wanted.Length == 0 && !sockets.Cgroups.IsEmpty && CgroupMount.Find(proc, sysfs).Missing is { } none)
                    return none;
                if (!wanted.All(_known.ContainsKey))
                {
                    var mount = CgroupMount.Find(proc, sysfs);
                    if (!mount.TryGet(out var root))
                        return mount.Missing!;
                    var found = Walk(root, wanted, sampling.Deadline);

                    // After a timeout, the next reading searches again for the ids that were not found.
                    _known = wanted
                        .Where(id => found.ContainsKey(id) || !sampling.Deadline.HasPassed)
                        .ToDictionary(static id => id, id => found.GetValueOrDefault(id));
                }

                return (Reading<CgroupPaths>)
                    new CgroupPaths(
                        wanted
                            .Where(id => _known.GetValueOrDefault(id) is not null)
                            .ToDictionary(static id => id, id => _known[id]!)
                    );
            });

    /// <summary>Returns the cgroups of the processes whose connect() was refused.</summary>
    static IEnumerable<ulong> Refused(SamplingPass sampling) =>
        sampling.Get<ByNamespace<RefusedConnects>>().TryGet(out var namespaces)
            ? namespaces.Values.Values.SelectMany(static reading =>
                reading.TryGet(out var refused) ? refused.Worst.Select(static worst => worst.CgroupId) : []
            )
            : [];

    static Dictionary<ulong, string> Walk(string root, ulong[] wanted, Deadline deadline)
    {
        var found = new Dictionary<ulong, string>();
        var left = DirectoriesAtMost;
        var queue = new Queue<string>([root]);
        while (found.Count < wanted.Length && left-- > 0 && !deadline.HasPassed && queue.TryDequeue(out var directory))
        {
            // The directory is gone or unreadable, and so is everything below it.
            if (!FileIdentity.Read(directory).TryGet(out var identity))
                continue;
            if (wanted.Contains(identity.Inode))
                found[identity.Inode] = directory == root ? "/" : directory[root.Length..];
            try
            {
                foreach (var child in Directory.EnumerateDirectories(directory))
                    queue.Enqueue(child);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException) { }
        }

        return found;
    }
}
