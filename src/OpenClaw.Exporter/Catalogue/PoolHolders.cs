using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.Holders;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>Finds the holders of the levels of pools in a snapshot.</summary>
static class PoolHolders
{
    /// <summary>The limit on holders of a level.</summary>
    public const int AtMost = 5;

    /// <summary>
    /// The used part of ports and queues from which holders are searched: the lowest threshold of their pools.
    /// </summary>
    public static double SearchedFrom(PoolThresholds thresholds) =>
        new[]
        {
            PoolCatalogue.EphemeralConnectPorts,
            PoolCatalogue.EphemeralBindPorts,
            PoolCatalogue.AcceptQueueConnections,
            PoolCatalogue.TcpMemoryBytes,
            PoolCatalogue.UdpMemoryBytes,
            PoolCatalogue.DaemonConnections,
        }.Min(thresholds.LowestWarning);

    /// <summary>Returns the processes whose sockets take the ports, or wait for accept().</summary>
    public static LevelHolders OfSockets(NamespaceView view, PoolLevel level)
    {
        var searched = view.Get<NamespaceHolders>();
        if (searched.TryGet(out var all) && GroupOf(level.About) is { } group && all.Find(group) is { } holders)
            return From(view, holders);
        return LevelHolders.None with { Shortfall = searched.Missing is { IsUnseen: true } why ? why : null };
    }

    /// <summary>
    /// Returns the holders of the ports to a destination; null where they were not searched.
    /// </summary>
    public static SocketHolders? OfDestination(NamespaceView view, PoolLevel level) =>
        view.Get<NamespaceHolders>().TryGet(out var all) && GroupOf(level.About) is ConnectGroup group
            ? all.Find(group)
            : null;

    /// <summary>Returns the process itself.</summary>
    public static LevelHolders OfProcess(NamespaceView view, PoolLevel level)
    {
        if (level.About is not ProcessSubject { Process: var process })
            return LevelHolders.None;
        double? perHour =
            view.Get<DescriptorGrowth>().TryGet(out var growth)
            && growth.PerHourByPid.TryGetValue(process.Pid, out var known)
                ? known
                : null;
        return new([Named(view, process.Pid, process.Name, level.Used) with { PerHour = perHour }])
        {
            Pattern = HeldPattern.Find(view, process),
        };
    }

    /// <summary>Returns the destinations with the most connections in TIME_WAIT, which no process holds.</summary>
    public static LevelHolders OfTimeWait(NamespaceView view) =>
        view.Get<Kernel.Sockets.TcpSockets>().Then(static sockets => sockets.Ports).TryGet(out var ports)
            ? new([
                .. ports
                    .Connect.Where(static use => use is { TimeWait: > 0, Destination: not null })
                    .OrderByDescending(static use => use.TimeWait)
                    .Take(AtMost)
                    .Select(static use => new Holder($"connections to {use.Destination}", use.TimeWait)
                    {
                        IsPlural = true,
                    }),
            ])
            : LevelHolders.None;

    static SocketGroup? GroupOf(Subject about) =>
        about switch
        {
            ConnectSubject connect => SocketGroups.Connecting(connect.Ports, connect.Protocol == PortProtocol.Tcp),
            BindSubject bind => SocketGroups.Binding(bind.Ports, bind.Protocol == PortProtocol.Tcp),
            ListenerSubject listener => SocketGroups.Listening(listener.Listener),
            _ => null,
        };

    /// <summary>Returns the holders of sockets in words.</summary>
    public static LevelHolders From(NamespaceView view, SocketHolders holders)
    {
        var processes = holders.Processes.Select(holder =>
            Named(view, holder.Process.Pid, holder.Process.Name, holder.Weight, holder.Processes) with
            {
                Process = holder.Process,
                Owner = holder.Process.Owner,
                Container = DescriptorRemedies.ContainerOf(view, holder.Process.Owner),
                Oldest = holder.Oldest,
                PerHour = holder.PerHour,
            }
        );
        var peers = holders.Peers.Select(peer => PeerOf(view, holders.Group, peer));
        var unseen =
            holders.Processes.IsEmpty && CgroupsOf(view, holders) is { IsEmpty: false } cgroups
                ? cgroups
                : UsersOf(holders);

        // Among sharers of a listener, a process that cannot call accept() is the cause.
        var isListener = holders.Group is ListenerGroup;
        return new([
            .. processes
                .Concat(unseen)
                .Concat(peers)
                .OrderByDescending(static holder => holder.Count)
                .ThenByDescending(holder => isListener && holder.Halt is not null)
                .Take(AtMost),
        ])
        {
            Notes = WithoutProcess(holders),
            Pattern = holders.Group is CgroupGroup ? HeldPattern.Find(holders) : null,
            TimeWait = holders.Group is ConnectGroup or BindGroup or BlockingGroup ? holders.TimeWait : 0,
            Shortfall = holders.Shortfall,
        };
    }

    /// <summary>
    /// Returns the users of sockets whose process was not found. They may hold more than those found.
    /// </summary>
    static IEnumerable<Holder> UsersOf(SocketHolders holders) =>
        holders.Unfound.Select(static user => new Holder(
            string.Create(CultureInfo.InvariantCulture, $"processes of user {user.Owner}"),
            user.Weight
        )
        {
            IsPlural = true,
        });

    /// <summary>
    /// Returns the cgroups of sockets where no process may be seen; none where their paths are unknown.
    /// </summary>
    static ImmutableArray<Holder> CgroupsOf(NamespaceView view, SocketHolders holders) =>
        holders.Unfound.IsEmpty || !view.Get<CgroupPaths>().TryGet(out var paths)
            ? []
            :
            [
                .. holders
                    .Cgroups.Where(cgroup => paths.ById.ContainsKey(cgroup.Owner))
                    .Select(cgroup => new Holder($"cgroup {paths.ById[cgroup.Owner]}", cgroup.Weight)
                    {
                        Owner = ProcessOwner.None with { Cgroup = paths.ById[cgroup.Owner] },
                    }),
            ];

    static ImmutableArray<string> WithoutProcess(SocketHolders holders)
    {
        if (holders.Group is ListenerGroup or OrphanGroup || holders.TimeWait + holders.WithoutProcess == 0)
            return [];
        if (holders.Group is CgroupGroup)
            return [string.Create(CultureInfo.InvariantCulture, $"{holders.WithoutProcess:N0} not yet accepted")];
        if (holders.Group is QueueGroup)
            return [$"{ByteSize.Format(holders.WithoutProcess)} without a process"];
        var all = holders.TimeWait + holders.WithoutProcess;
        var waiting = Part(holders.TimeWait, all, "in TIME_WAIT");
        var isConnect = holders.Group is ConnectGroup;
        var closed = Part(isConnect ? holders.ClosedHere : 0, all, "closed here, and not by the peer");
        var unheard = Part(isConnect ? holders.Unacknowledged : 0, all, "not acknowledged by the peer");
        return [string.Create(CultureInfo.InvariantCulture, $"{all:N0} without a process{waiting}{closed}{unheard}")];
    }

    static string Part(long count, long all, string what)
    {
        if (count == 0)
            return "";
        var amount = count == all ? "all" : string.Create(CultureInfo.InvariantCulture, $"{count:N0} of them");
        return $", {amount} {what}";
    }

    static Holder PeerOf(NamespaceView view, SocketGroup group, PeerWeight peer)
    {
        if (group is OrphanGroup)
            return new($"closed connections to {peer.Peer}", peer.Weight) { IsPlural = true };
        var words = $"peer {WordsOf(peer.Peer)}";

        // A loopback address may be that of another network namespace.
        return peer.Peer.Address.IsLoopback
            ? new(words, peer.Weight)
            : AtAddress(view, words, peer.Peer.Address, peer.Weight);
    }

    /// <summary>Returns the address of a peer, with its port where it has only one.</summary>
    public static string WordsOf(Destination peer) => peer.Port > 0 ? $"{peer}" : $"{peer.Address}";

    /// <summary>Returns a peer, with the container or network namespace that has its address.</summary>
    /// <param name="view">The network namespace, with the machine.</param>
    /// <param name="name">The peer in words.</param>
    /// <param name="address">Its address.</param>
    /// <param name="count">The part that it holds.</param>
    public static Holder AtAddress(NamespaceView view, string name, SocketAddress address, long count)
    {
        var netns = view.Get<NetworkNamespaces>().TryGet(out var all) ? all.Find(address) : null;
        var owner = netns?.Owner ?? ProcessOwner.None;
        var container = DescriptorRemedies.ContainerOf(view, owner);
        var words = ContainerWords.Describe(owner.Container, container);
        if (words.Length == 0 && netns is { IsOwn: false })
            words = $"network namespace {netns.Name}";
        if (words.Length == 0 && (netns is { IsOwn: true } || address.IsLoopback))
            words = "this machine itself";
        return new($"{name}{(words.Length > 0 ? $" ({words})" : "")}", count) { Owner = owner, Container = container };
    }

    /// <summary>Returns a process, or the first of several, with its owner.</summary>
    public static Holder Named(NamespaceView view, int pid, string name, double count, int processes = 1)
    {
        var more = processes == 1 ? "" : $" and {Counted.Format(processes - 1, "more processes")}";
        var starter = view.Get<FoundGateways>().TryGet(out var gateways) ? StarterOf(gateways, pid) : "";
        var words = name.Length > 0 ? name : "a process";
        return new(string.Create(CultureInfo.InvariantCulture, $"{words} (pid {pid}{more}){starter}"), count)
        {
            Process = new(pid, name, DescriptorRemedies.OwnerOf(view, pid)),
            Processes = processes,
            Container = DescriptorRemedies.ContainerOf(view, DescriptorRemedies.OwnerOf(view, pid)),
            Owner = DescriptorRemedies.OwnerOf(view, pid),
        };
    }

    /// <summary>Returns the sandbox of a process, or the Gateway that started it, after a preposition.</summary>
    static string StarterOf(FoundGateways gateways, int pid)
    {
        if (gateways.SandboxOf(pid) is { } sandbox)
            return $" in {sandbox.Words}";
        return gateways.StarterOf(pid) is { } gateway ? $" of {gateway.Process}" : "";
    }
}
