using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Sysctls;

namespace OpenClaw.Exporter.Problems;

/// <summary>A level of a pool, with its condition and remedy.</summary>
/// <param name="pool">The pool.</param>
/// <param name="level">The level.</param>
/// <param name="condition">The condition of the level.</param>
/// <param name="view">The network namespace of the level.</param>
sealed class Finding(Pool pool, PoolLevel level, PoolCondition condition, NamespaceView view)
{
    Remedy? _remedy;
    LevelHolders? _holders;

    /// <summary>The pool.</summary>
    public Pool Pool => pool;

    /// <summary>The level.</summary>
    public PoolLevel Level => level;

    /// <summary>The condition of the level.</summary>
    public PoolCondition Condition => condition;

    /// <summary>True where nothing is left, so that the next request fails.</summary>
    public bool IsExhausted => level.Utilization >= pool.EndRatio;

    /// <summary>
    /// The amount that is left until the pool is exhausted, which some are before their limit; null without a limit.
    /// </summary>
    public double? Left =>
        level.Limit is { } limit ? Math.Max(Math.Floor((limit * pool.EndRatio) - level.Used), 0) : null;

    /// <summary>The codes of its exhaustion, its own first.</summary>
    public ImmutableArray<string> Codes => ClwCodes.ShownBy(pool.Code);

    /// <summary>
    /// The holders of the level, the worst first. They are known only where it is at a threshold. They are found at the
    /// first access.
    /// </summary>
    public LevelHolders Holders => _holders ??= condition >= PoolCondition.Warning ? FindHolders() : LevelHolders.None;

    /// <summary>
    /// The cgroup of the worst holder, or of the process that the level is about. Else that of the network namespace's
    /// first process; empty when it is unknown.
    /// </summary>
    public string Cgroup => Owner.Cgroup;

    /// <summary>The container of that process; empty when it is unknown.</summary>
    public string Container => Owner.Container;

    ProcessOwner Owner =>
        level switch
        {
            _ when Holders.Worst is [{ Owner: { } owner }, ..] && owner != ProcessOwner.None => owner,
            { Pid: { } pid } => DescriptorRemedies.OwnerOf(view, pid),
            { About: not PortSubject { Protocol: PortProtocol.Tcp } } => ProcessOwner.None with
            {
                Container = view.IsOwn ? "" : view.Namespace!.Owner.Container,
            },
            _ => view.IsOwn ? ProcessOwner.None : view.Namespace!.Owner,
        };

    /// <summary>
    /// The container and the pod in words, by name where a file on the machine names them; empty outside both.
    /// </summary>
    public string ContainerWords =>
        Wording.ContainerWords.Describe(Owner.Container, DescriptorRemedies.ContainerOf(view, Owner));

    /// <summary>
    /// The reason why cgroups cannot show the owner: no cgroup2 is mounted, or the mounts could not be read. Null where
    /// they could, even if they show none.
    /// </summary>
    public Missing? OwnerUnknown =>
        level switch
        {
            _ when Cgroup is not ("" or "/") || Container.Length > 0 => null,
            { Pid: { } pid } => view.Get<WatchedCgroups>().TryGet(out var cgroups) && cgroups.Owners.ContainsKey(pid)
                ? cgroups.Unmounted
                : null,
            _ when Holders.Worst.Length > 0 => null,
            { About: PortSubject { Protocol: PortProtocol.Tcp } } => view.Get<TcpSockets>()
                .Then(_ => view.Get<CgroupPaths>())
                .Missing
                is { Outcome: not Outcome.NotAsked } why
                ? why
                : null,
            _ => null,
        };

    /// <summary>The remedy. It is computed at the first access, because metrics do not need it.</summary>
    public Remedy Remedy => _remedy ??= Compute();

    LevelHolders FindHolders()
    {
        try
        {
            return pool.HoldersOf(view, level);
        }
#pragma warning disable CA1031 // A bug here must not take the problem with it.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            return LevelHolders.None with { Shortfall = new(Absence.Failed, OneLine.From(bug)) };
        }
    }

    /// <summary>Returns the remedy for a level. After a bug, the general remedy applies.</summary>
    /// <param name="particular">Computes the remedy; null where there is only the general one.</param>
    /// <param name="general">The advice for every level.</param>
    /// <param name="view">The network namespace in which it is needed.</param>
    public static Remedy Advise(Func<Remedy>? particular, string general, NamespaceView view)
    {
        try
        {
            return Adapt(particular?.Invoke() ?? new(general), view);
        }
#pragma warning disable CA1031 // A remedy's bug must not take the page with it.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            return new(general) { Warning = $"The specific remedy could not be computed: {bug.Message}" };
        }
    }

    Remedy Compute() => Advise(pool.RemedyFor is { } remedy ? () => remedy(view, level) : null, pool.Remedy, view);

    /// <summary>Adapts a remedy to the network namespace in which it is needed.</summary>
    static Remedy Adapt(Remedy remedy, NamespaceView view)
    {
        if (view is { IsOwn: false, Namespace: { } netns })
            return remedy.In(netns, DescriptorRemedies.ContainerOf(view, netns.Owner));
        if (view.Get<SocketLimits>().TryGet(out var limits) && limits.AreOfChild)
        {
            var owner = view.Get<NetworkNamespaces>().TryGet(out var namespaces)
                ? namespaces.Own.Owner
                : ProcessOwner.None;
            return remedy.InChild(owner, DescriptorRemedies.ContainerOf(view, owner));
        }

        return view.Get<PersistedSysctls>().TryGet(out var persisted) ? remedy.With(persisted) : remedy;
    }
}
