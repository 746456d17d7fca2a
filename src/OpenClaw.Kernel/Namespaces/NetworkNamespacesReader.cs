using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>
/// Finds the network namespaces of the processes in the process table, and those that have a name. It keeps none of
/// them open: an open namespace never ends.
/// </summary>
/// <param name="proc">The procfs whose processes were walked.</param>
/// <param name="root">The mount point of the machine's root file system, where names of namespaces are
/// searched.</param>
/// <param name="wholeHost">True to call the machine's own namespace "host", even where it is the exporter's, and to
/// read the names of pods.</param>
/// <param name="clock">The clock that measures the age of abandoned namespaces.</param>
sealed class NetworkNamespacesReader(ProcMount proc, string root, bool wholeHost, TimeProvider clock)
    : Reader<NetworkNamespaces>(
        "network_namespaces",
        "/proc/PID/ns/net, /proc/PID/cgroup, /run/netns, /run/docker/netns"
    )
{
    /// <summary>The length of a container's id as Docker shows it.</summary>
    const int ShortContainerId = 12;

    Dictionary<(FileIdentity, int), OwningProcess> _owners = [];
    Dictionary<FileIdentity, DateTimeOffset> _seen = [];
    Dictionary<FileIdentity, long> _abandoned = [];
    ClockReading _clock;
    readonly NamespaceAddresses _addresses = new(proc, clock);

    public override ImmutableArray<Type> Needs { get; init; } = [typeof(ProcessTable)];

    protected override Reading<NetworkNamespaces> Read(SamplingPass sampling)
    {
        var own = FileIdentity.Read(proc.PathOf("thread-self/ns/net"), KernelCall.File);
        return !own.TryGet(out var self)
            ? ProcMount.NotAsEverywhere(own.Missing!)
            : sampling
                .Get<ProcessTable>()
                .Select(table =>
                    Read(self, table.NetworkNamespaces, sampling.Deadline) with
                    {
                        AreProcessesHidden = table.Unnamed is not null,
                    }
                );
    }

    /// <summary>
    /// Reports namespaces that only a file inside identifies. Their inodes, which kernel messages name, are unknown.
    /// </summary>
    protected override Missing? Shortfall(NetworkNamespaces value) =>
        value.All.Count(static netns => !netns.IsVisible) is > 0 and var hidden
            ? new(
                Absence.NotPermitted,
                $"{proc.PathOf("PID/ns/net")}: {Counted.Format(hidden, "network namespaces")} "
                    + "known only by a file inside"
            )
            : null;

    NetworkNamespaces Read(FileIdentity own, ImmutableArray<ProcessNamespace> ofProcesses, Deadline deadline)
    {
        var mounts = NamespaceMounts.Read(root, own.Device);
        var processes = ofProcesses.ToDictionary(static netns => netns.Identity);

        // A named namespace without a visible process may belong to a hidden process. It would be counted twice.
        if (ofProcesses.Any(static netns => !netns.IsVisible))
            mounts = mounts.Where(mount => processes.ContainsKey(mount.Key)).ToDictionary();
        var owners = new Dictionary<(FileIdentity, int), OwningProcess>();
        var seenSince = new Dictionary<FileIdentity, DateTimeOffset>();
        var now = ClockReading.Now(clock);
        var step = now.StepSince(_clock);
        _clock = now;
        _owners = step == TimeSpan.Zero ? _owners : [];
        _addresses.Begin();
        var abandoned = new Dictionary<FileIdentity, long>();
        var isEmpty = EmptyNamespaces.Find(
            proc,
            [.. mounts.Where(mount => mount.Key != own && !processes.ContainsKey(mount.Key))],
            deadline
        );
        var all = new List<NetworkNamespace>();
        var host = HostOf(own);
        var machine = host ?? (proc.IsHostNetwork ? own : null);
        foreach (var identity in processes.Keys.Union(mounts.Keys).Prepend(own).Distinct())
        {
            var (owner, podName) = (ProcessOwner.None, "");
            ImmutableArray<int> pids = [];
            TimeSpan? since = null;
            var isUnknown = false;
            var there = seenSince[identity] = _seen.TryGetValue(identity, out var sighted) ? sighted + step : now.Time;
            if (processes.TryGetValue(identity, out var inside))
            {
                // The lowest id may be a process from outside, such as a shell by nsenter. So a container's own process
                // decides on the owner.
                pids = [.. inside.Pids];
                var known = pids.Take(identity == own || identity == host ? 1 : pids.Length)
                    .Select(pid => (Pid: pid, Owner: OwnerOf(identity, pid, owners)))
                    .ToList();
                var first = known.Find(static process => process.Owner.Owner.Container.Length > 0)
                    is { Pid: > 0 } contained
                    ? contained
                    : known[0];
                pids = [first.Pid, .. pids.Remove(first.Pid)];
                (owner, podName) = (first.Owner.Owner, first.Owner.PodName);

                // Its oldest process tells more than the first sight. But the inode may belong to another namespace by
                // now: then none of its processes is older than that namespace. A thread that has ended may still be
                // listed.
                var sign = new NamespaceSign(identity, inside.IsVisible);
                var holders = known.Where(process => ProcessNamespaces.Find(process.Pid, proc) == sign);
                there = holders.Min(static process => process.Owner.Started) ?? there;
            }
            else if (identity != own)
            {
                var isKnown = isEmpty.TryGetValue(identity, out var hasNoSocket);
                var wasAbandoned = _abandoned.TryGetValue(identity, out var seen);
                isUnknown = !isKnown && !wasAbandoned;
                if (isKnown ? hasNoSocket : wasAbandoned)
                {
                    abandoned[identity] = wasAbandoned ? seen : clock.GetTimestamp();
                    since = clock.GetElapsedTime(abandoned[identity]);
                }
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
                    Addresses = wholeHost ? _addresses.Read(identity, pids, deadline) : [],
                    Mount = mount,
                    Owner = owner,
                    Abandoned = since,
                    MayBeAbandoned = isUnknown,
                    Since = identity == machine ? DateTimeOffset.MinValue : there,
                }
            );
        }

        (_owners, _abandoned, _seen) = (owners, abandoned, seenSince);
        return new(WithoutTwins(all, host));
    }

    /// <summary>
    /// Returns the namespace of process 1, if it is the machine's. Only the machine's namespace has tcp_mem, which all
    /// share.
    /// </summary>
    FileIdentity? HostOf(FileIdentity own)
    {
        if (!wholeHost)
            return null;
        var first = FileIdentity.Read(proc.PathOf("1/ns/net"));
        if (!first.TryGet(out var identity))
        {
            // The namespace is hidden. The file inside shows whether it is the exporter's own.
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

        return identity != own || proc.IsHostNetwork ? identity : null;
    }

    /// <summary>
    /// Names the host's and the exporter's own namespace. Appends the inode where several have the same name.
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

    /// <summary>Returns the owner of a process, read once.</summary>
    OwningProcess OwnerOf(FileIdentity netns, int pid, Dictionary<(FileIdentity, int), OwningProcess> owners)
    {
        if (_owners.TryGetValue((netns, pid), out var known))
            return owners[(netns, pid)] = known;
        var owner = proc.Read($"{pid}/cgroup", ProcessOwner.Parse).TryGet(out var read) ? read : ProcessOwner.None;

        // The kernel knows the pod's name only as the pod's host name.
        var podName =
            owner.Pod.Length > 0 && wholeHost
                ? NamespaceThread.Run(() =>
                    NamespaceThread.Enter(proc.PathOf($"{pid}/ns/uts"), Sched.CLONE_NEWUTS) is null
                        ? Environment.MachineName
                        : ""
                )
                : "";

        // A pod that is being created still has the machine's host name. It is read again next time.
        return podName.Length > 0 && podName == Environment.MachineName
            ? new(owner, "", ProcessStart.Read(proc, pid, clock))
            : owners[(netns, pid)] = new(owner, podName, ProcessStart.Read(proc, pid, clock));
    }

    /// <summary>A process, with what tells whose its network namespace is and since when.</summary>
    /// <param name="Owner">The owner of the process.</param>
    /// <param name="PodName">The name of its pod; empty where it is in none, or where that is unknown.</param>
    /// <param name="Started">The time at which it started; null when that is unknown.</param>
    sealed record OwningProcess(ProcessOwner Owner, string PodName, DateTimeOffset? Started);
}
