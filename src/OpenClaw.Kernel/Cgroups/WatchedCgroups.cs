using System.Collections.Immutable;
using System.Text;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Cgroups;

/// <summary>The cgroups of the watched processes.</summary>
/// <param name="ByPid">The id of each process's cgroup, which identifies its sockets. Missing in the root cgroup, which
/// all processes share.</param>
public sealed record WatchedCgroups(IReadOnlyDictionary<int, Reading<ulong>> ByPid)
{
    /// <summary>The processes in another network namespace than the exporter's.</summary>
    public ImmutableHashSet<int> Elsewhere { get; init; } = [];

    /// <summary>
    /// The owner of each watched process, and of a few others near their limits, from the path of its cgroup. Inside a
    /// container, the path does not show the owner.
    /// </summary>
    public IReadOnlyDictionary<int, ProcessOwner> Owners { get; init; } = new Dictionary<int, ProcessOwner>();

    /// <summary>
    /// The reason why no cgroup has an id: no cgroup2 is mounted here. Null where it is mounted, or without watched
    /// processes. Owners are known without it where the processes are in cgroups of version 1.
    /// </summary>
    public Missing? Unmounted { get; init; }

    /// <summary>Returns the known ids of some processes, each once, in ascending order.</summary>
    public ImmutableArray<ulong> IdsOf(IEnumerable<ProcessDescriptors> processes) =>
        [
            .. processes
                .Select(process => ByPid.TryGetValue(process.Pid, out var id) && id.TryGet(out var known) ? known : 0)
                .Where(static id => id > 0)
                .Distinct()
                .Order(),
        ];
}

/// <summary>Finds the cgroups of the watched processes.</summary>
sealed class WatchedCgroupsReader(ProcMount proc, string sysfs = CgroupMount.Sysfs)
    : Reader<WatchedCgroups>("watched_cgroups", "/proc/PID/cgroup, inodes of cgroup2")
{
    /// <summary>A process that is not watched has this part of its limit open where its owner is looked up.</summary>
    const int NearLimit = 2;

    /// <summary>The limit on processes that are not watched.</summary>
    const int OthersAtMost = 16;

    public override ImmutableArray<Type> Needs { get; init; } = [typeof(ProcessTable)];

    protected override Reading<WatchedCgroups> Read(SamplingPass sampling) =>
        sampling
            .Get<ProcessTable>()
            .Select(table =>
            {
                int[] watched =
                [
                    .. table.Processes.Where(static process => process.IsWatched).Select(static process => process.Pid),
                ];
                int[] full = [.. FullIn(table)];
                if (watched.Length + full.Length == 0)
                    return new WatchedCgroups(new Dictionary<int, Reading<ulong>>());
                var mount = CgroupMount.Find(proc, sysfs);
                var namespaces = watched.ToDictionary(static pid => pid, pid => NamespaceOf($"{pid}"));
                var ours = NamespaceOf("thread-self");
                var files = watched.ToDictionary(static pid => pid, pid => proc.Read($"{pid}/cgroup", Parse));
                return new WatchedCgroups(
                    watched.ToDictionary(
                        static pid => pid,
                        pid => mount.Then(root => namespaces[pid].Then(_ => IdOf(pid, files[pid], root)))
                    )
                )
                {
                    Owners = files
                        .Concat(full.Select(pid => KeyValuePair.Create(pid, proc.Read($"{pid}/cgroup", Parse))))
                        .ToDictionary(
                            static file => file.Key,
                            static file => file.Value.TryGet(out var read) ? read.Owner : ProcessOwner.None
                        ),
                    Unmounted = mount.Missing,
                    Elsewhere = [.. watched.Where(pid => !namespaces[pid].Equals(ours))],
                };
            });

    /// <summary>Returns the fullest processes that are not watched.</summary>
    static IEnumerable<int> FullIn(ProcessTable table) =>
        table
            .Processes.Where(static process => !process.IsWatched)
            .Select(static process =>
                (
                    process.Pid,
                    Open: process.Open.TryGet(out var open) ? open : 0,
                    Limit: process.Limits.TryGet(out var limits) ? limits.OpenFilesSoft ?? long.MaxValue : long.MaxValue
                )
            )
            .Where(static process => process.Open > 0 && process.Open >= process.Limit / NearLimit)
            .OrderByDescending(static process => (double)process.Open / process.Limit)
            .Take(OthersAtMost)
            .Select(static process => process.Pid)
            .Distinct();

    /// <summary>Reports mounts that could not be read. A machine without cgroup2 lacks nothing.</summary>
    protected override Missing? Shortfall(WatchedCgroups value) =>
        value.Unmounted is { IsUnseen: true } why ? why : null;

    /// <summary>Finds the owner, and the path after "0::", the line of cgroup version 2.</summary>
    static Reading<(Reading<string> Path, ProcessOwner Owner)> Parse(ReadOnlySpan<byte> text)
    {
        var owner = ProcessOwner.Parse(text).TryGet(out var found) ? found : ProcessOwner.None;
        return (ParsePath(text), owner);
    }

    /// <summary>Finds the path after "0::", the line of cgroup version 2.</summary>
    static Reading<string> ParsePath(ReadOnlySpan<byte> text)
    {
        foreach (var line in text.Split((byte)'\n'))
        {
            if (text[line].StartsWith("0::/"u8))
                return Encoding.UTF8.GetString(text[line][3..]);
        }

        return new Missing(Absence.NotPresent, "no line '0::' of cgroup version 2");
    }

    /// <summary>
    /// Returns an identity that differs for each network namespace: a file below /proc/PID/net. Reading it needs no
    /// privilege.
    /// </summary>
    Reading<FileIdentity> NamespaceOf(string process) => FileIdentity.Read(proc.PathOf($"{process}/net/dev"));

    static Reading<ulong> IdOf(int pid, Reading<(Reading<string> Path, ProcessOwner Owner)> file, string root) =>
        file.Then(static found => found.Path)
            .Then(path =>
                path == "/"
                    ? new Missing(Absence.NotPresent, $"process {pid} has no cgroup of its own")
                    : FileIdentity.Read(root + path).Select(static identity => identity.Inode)
            );
}
