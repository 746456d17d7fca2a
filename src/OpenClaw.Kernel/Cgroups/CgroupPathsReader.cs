using System.Collections.Immutable;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Cgroups;

/// <summary>
/// Names the cgroups with the most sockets. The tree is walked when one of them was not asked for before, and only what
/// is asked for is remembered: an id is not given twice, and version 2 renames nothing.
/// </summary>
/// <param name="proc">Whose mounts are searched for cgroup2.</param>
/// <param name="worst">How many cgroups are named.</param>
/// <param name="sysfs">Below which cgroup2 is looked for instead, if it is not /sys.</param>
sealed class CgroupPathsReader(ProcMount proc, int worst, string sysfs = CgroupMount.Sysfs)
    : Reader<CgroupPaths>("cgroup_paths", "/proc/self/mounts, directories of cgroup2")
{
    /// <summary>Directories looked at in one walk.</summary>
    const int DirectoriesAtMost = 20_000;

    /// <summary>By id, null for one that was not found in the whole tree.</summary>
    Dictionary<ulong, string?> _known = [];

    public override ImmutableArray<Type> Needs { get; init; } = [typeof(TcpSockets)];

    protected override Reading<CgroupPaths> Read(SamplingPass sampling) =>
        sampling
            .Get<TcpSockets>()
            .Then(sockets =>
            {
                ulong[] wanted =
                [
                    .. sockets.Cgroups.Take(worst).Select(static cgroup => cgroup.Id).Where(static id => id != 0),
                ];
                if (!wanted.All(_known.ContainsKey))
                {
                    var mount = CgroupMount.Find(proc, sysfs);
                    if (!mount.TryGet(out var root))
                        return mount.Missing!;
                    var found = Walk(root, wanted, sampling.Deadline);

                    // Where the time was up first, what was not found is looked for again.
                    _known = wanted
                        .Where(id => found.ContainsKey(id) || !sampling.Deadline.HasPassed)
                        .ToDictionary(static id => id, id => found.GetValueOrDefault(id));
                }

                return (Reading<CgroupPaths>)
                    new CgroupPaths(
                        wanted
                            .Where(id => _known.GetValueOrDefault(id) is not null)
                            .ToImmutableDictionary(static id => id, id => _known[id]!)
                    );
            });

    static Dictionary<ulong, string> Walk(string root, ulong[] wanted, Deadline deadline)
    {
        var found = new Dictionary<ulong, string>();
        var left = DirectoriesAtMost;
        var queue = new Queue<string>([root]);
        while (found.Count < wanted.Length && left-- > 0 && !deadline.HasPassed && queue.TryDequeue(out var directory))
        {
            // Gone in the meantime, or not for us: then so is what is below.
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
