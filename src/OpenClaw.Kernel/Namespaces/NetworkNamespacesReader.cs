using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>
/// Finds the network namespaces: of the processes that were walked anyway, and those that have a name. Keeps none of
/// them open, for an open one does not go away.
/// </summary>
/// <param name="proc">The mount whose processes were walked.</param>
/// <param name="root">Where the file system of the machine is mounted, for the names.</param>
/// <param name="wholeHost">
/// Whether the machine's own is called host, even where it is the exporter's, and pods are asked for their names.
/// </param>
/// <param name="clock">By which the age of abandoned ones is taken.</param>
sealed class NetworkNamespacesReader(ProcMount proc, string root, bool wholeHost, TimeProvider clock)
    : Reader<NetworkNamespaces>(
        "network_namespaces",
        "/proc/PID/ns/net, /proc/PID/cgroup, /run/netns, /run/docker/netns"
    )
{
    /// <summary>As Docker shows them.</summary>
    const int ShortContainerId = 12;

    static readonly ImmutableArray<string> MountFolders = ["run/netns", "run/docker/netns"];

    Dictionary<(FileIdentity, int), (ProcessOwner Owner, string PodName)> _owners = [];
    Dictionary<FileIdentity, long> _abandoned = [];

    public override ImmutableArray<Type> Needs { get; init; } = [typeof(ProcessTable)];

    protected override Reading<NetworkNamespaces> Read(SamplingPass sampling)
    {
        var own = FileIdentity.Read(proc.PathOf("thread-self/ns/net"), KernelCall.File);
        return !own.TryGet(out var self)
            ? own.Missing!
            : sampling.Get<ProcessTable>().Select(table => Read(self, table.NetworkNamespaces));
    }

    /// <summary>
    /// Those that are told apart by a file inside have no inode, by which the kernel's messages name them.
    /// </summary>
    protected override Missing? Shortfall(NetworkNamespaces value) =>
        value.All.Count(static netns => !netns.IsVisible) is > 0 and var hidden
            ? new(
                Absence.NotPermitted,
                $"{proc.PathOf("PID/ns/net")}: {hidden} network namespaces are known by a file inside only"
            )
            : null;

    NetworkNamespaces Read(FileIdentity own, ImmutableArray<ProcessNamespace> ofProcesses)
    {
        var mounts = Mounts(own.Device);
        var processes = ofProcesses.ToDictionary(static netns => netns.Identity);

        // A named one without a process may then be that of a process that may not be looked at: it would be counted
        // twice.
        if (ofProcesses.Any(static netns => !netns.IsVisible))
            mounts = mounts.Where(mount => processes.ContainsKey(mount.Key)).ToDictionary();
        var owners = new Dictionary<(FileIdentity, int), (ProcessOwner Owner, string PodName)>();
        var abandoned = new Dictionary<FileIdentity, long>();
        var all = new List<NetworkNamespace>();
        var host = HostOf(own);
        foreach (var identity in processes.Keys.Union(mounts.Keys).Prepend(own).Distinct())
        {
            var (owner, podName) = (ProcessOwner.None, "");
            ImmutableArray<int> pids = [];
            TimeSpan? since = null;
            if (processes.TryGetValue(identity, out var inside))
            {
                // Somebody from outside may have the lowest id, as a shell by nsenter: the container's own process says
                // whose it is.
                pids = [.. inside.Pids];
                var known = pids.Take(identity == own || identity == host ? 1 : pids.Length)
                    .Select(pid => (Pid: pid, Owner: OwnerOf(identity, pid, owners)))
                    .ToList();
                var first = known.Find(static process => process.Owner.Owner.Container.Length > 0)
                    is { Pid: > 0 } contained
                    ? contained
                    : known[0];
                pids = [first.Pid, .. pids.Remove(first.Pid)];
                (owner, podName) = first.Owner;
            }
            else if (identity != own)
            {
                abandoned[identity] = _abandoned.TryGetValue(identity, out var seen) ? seen : clock.GetTimestamp();
                since = clock.GetElapsedTime(abandoned[identity]);
            }

            var mount = mounts.GetValueOrDefault(identity);
            all.Add(
                new()
                {
                    Name = NameOf(identity, owner, podName, mount),
                    Identity = identity,
                    IsVisible = inside?.IsVisible ?? true,
                    IsOwn = identity == own,
                    Processes = inside?.Processes ?? 0,
                    Pids = pids,
                    Mount = mount,
                    Owner = owner,
                    Abandoned = since,
                }
            );
        }

        (_owners, _abandoned) = (owners, abandoned);
        return new(WithoutTwins(all, host));
    }

    /// <summary>
    /// The namespace of process 1, if it is the machine's: only that one has tcp_mem, which all share.
    /// </summary>
    FileIdentity? HostOf(FileIdentity own)
    {
        if (!wholeHost)
            return null;
        var first = FileIdentity.Read(proc.PathOf("1/ns/net"));
        if (!first.TryGet(out var identity))
        {
            // Not for us to see; the file inside tells whether it is our own.
            if (
                FileIdentity.Read(proc.PathOf("1/net/dev")) is var theirs
                && FileIdentity.Read(proc.PathOf("thread-self/net/dev")) is var ours
                && theirs.TryGet(out var inner)
                && ours.TryGet(out var mine)
            )
            {
                identity = inner == mine ? own : inner;
            }
            else
            {
                return null;
            }
        }

        return identity != own || File.Exists(proc.PathOf("sys/net/ipv4/tcp_mem")) ? identity : null;
    }

    /// <summary>
    /// Gives the host and the exporter's own their names, and those of one name their inodes to tell them apart.
    /// </summary>
    static ImmutableArray<NetworkNamespace> WithoutTwins(List<NetworkNamespace> all, FileIdentity? host) =>
        [
            .. all.Select(netns => Renamed(netns, host))
                .GroupBy(static netns => netns.Name)
                .SelectMany(static twins =>
                    twins.Count() == 1 ? twins : twins.Select(static netns => netns with { Name = Distinct(netns) })
                )
                .OrderByDescending(static netns => netns.IsOwn)
                .ThenBy(static netns => netns.Name, StringComparer.Ordinal),
        ];

    static NetworkNamespace Renamed(NetworkNamespace netns, FileIdentity? host)
    {
        if (netns.Identity == host)
            return netns with { Name = NetworkNamespaces.Host };
        if (netns.IsOwn)
            return netns with { Name = NetworkNamespaces.Self };
        return NetworkNamespaces.Reserved.Contains(netns.Name) ? netns with { Name = Distinct(netns) } : netns;
    }

    static string Distinct(NetworkNamespace netns) =>
        string.Create(CultureInfo.InvariantCulture, $"{netns.Name}@{netns.Identity.Inode}");

    static string NameOf(FileIdentity identity, ProcessOwner owner, string podName, string? mount) =>
        owner switch
        {
            _ when podName.Length > 0 => podName,
            { Pod.Length: > 0 } => "pod" + owner.Pod,
            { Container.Length: > 0 } => owner.Container[..ShortContainerId],
            _ when mount is not null => Path.GetFileName(mount),
            { Unit.Length: > 0 } => owner.Unit,
            _ => identity.Inode.ToString(CultureInfo.InvariantCulture),
        };

    /// <summary>Whose a process is, asked once.</summary>
    (ProcessOwner Owner, string PodName) OwnerOf(
        FileIdentity netns,
        int pid,
        Dictionary<(FileIdentity, int), (ProcessOwner Owner, string PodName)> owners
    )
    {
        if (_owners.TryGetValue((netns, pid), out var known))
            return owners[(netns, pid)] = known;
        var owner = proc.Read($"{pid}/cgroup", ProcessOwner.Parse).TryGet(out var read) ? read : ProcessOwner.None;

        // A pod's host name is the pod's name, and nothing else that the kernel knows is.
        var podName =
            owner.Pod.Length > 0 && wholeHost
                ? NamespaceThread.Run(() =>
                    NamespaceThread.Enter(proc.PathOf($"{pid}/ns/uts"), Sched.CLONE_NEWUTS) is null
                        ? Environment.MachineName
                        : ""
                )
                : "";

        // One that is just being made still has the machine's name: it is asked again the next time.
        return podName.Length > 0 && podName == Environment.MachineName
            ? (owner, "")
            : owners[(netns, pid)] = (owner, podName);
    }

    /// <summary>
    /// The named ones. A name whose namespace was unmounted is left behind as an empty file, on another device.
    /// </summary>
    Dictionary<FileIdentity, string> Mounts(ulong device)
    {
        var mounts = new Dictionary<FileIdentity, string>();
        foreach (var folder in MountFolders)
        {
            try
            {
                foreach (var path in Directory.EnumerateFiles(Path.Combine(root, folder)).Order(StringComparer.Ordinal))
                {
                    if (FileIdentity.Read(path).TryGet(out var identity) && identity.Device == device)
                        mounts.TryAdd(identity, path);
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // No such engine here, or its names are not for us: its namespaces show by their processes.
            }
        }

        return mounts;
    }
}
