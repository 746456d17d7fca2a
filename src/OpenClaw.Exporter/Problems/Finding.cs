using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Sysctls;

namespace OpenClaw.Exporter.Problems;

/// <summary>One level of a pool, judged, with what to do about it.</summary>
/// <param name="pool">The pool.</param>
/// <param name="level">The level.</param>
/// <param name="condition">How it stands.</param>
/// <param name="view">The network namespace it was read in.</param>
sealed class Finding(Pool pool, PoolLevel level, PoolCondition condition, NamespaceView view)
{
    Remedy? _remedy;

    /// <summary>The pool.</summary>
    public Pool Pool => pool;

    /// <summary>The level.</summary>
    public PoolLevel Level => level;

    /// <summary>How it stands.</summary>
    public PoolCondition Condition => condition;

    /// <summary>The codes that its exhaustion shows as, its own first.</summary>
    public ImmutableArray<string> Codes => ClwCodes.ShownBy(pool.Code);

    /// <summary>
    /// The cgroup of the process that holds it, or the one that has most of the TCP sockets there; empty when that is
    /// not known.
    /// </summary>
    public string Cgroup =>
        level switch
        {
            { Pid: { } pid } => DescriptorRemedies.OwnerOf(view, pid).Cgroup,
            { About: not PortSubject { Protocol: PortProtocol.Tcp } } => "",
            _ when view.IsOwn => MostSockets(),
            _ => view.Namespace!.Owner.Cgroup,
        };

    /// <summary>
    /// The container that the process, or the network namespace, belongs to; empty when that is not known.
    /// </summary>
    public string Container =>
        level switch
        {
            { Pid: { } pid } => DescriptorRemedies.OwnerOf(view, pid).Container,
            _ when view.IsOwn => "",
            _ => view.Namespace!.Owner.Container,
        };

    /// <summary>What to do; computed when it is first asked for, since metrics have no use for it.</summary>
    public Remedy Remedy => _remedy ??= Compute();

    /// <summary>
    /// The cgroup with more than half of the sockets of which the kernel names one, so that it is more than the first
    /// of many.
    /// </summary>
    string MostSockets() =>
        view.Get<TcpSockets>().TryGet(out var sockets)
        && sockets.Cgroups is [var most, ..]
        && 2 * most.Total > sockets.Cgroups.Sum(static cgroup => cgroup.Total) + sockets.OtherCgroups.Total
        && view.Get<CgroupPaths>().TryGet(out var paths)
            ? paths.ById.GetValueOrDefault(most.Id, "")
            : "";

    /// <summary>The remedy for this level; a mistake in it leaves the general one.</summary>
    Remedy Advise()
    {
        try
        {
            return pool.RemedyFor?.Invoke(view, level) ?? new(pool.Remedy);
        }
#pragma warning disable CA1031 // A remedy's bug must not take the page with it.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            return new(pool.Remedy) { Warning = $"What helps here in particular could not be said: {bug.Message}" };
        }
    }

    Remedy Compute()
    {
        var remedy = Advise();
        if (view is { IsOwn: false, Namespace: { } netns })
            return remedy.In(netns);
        if (view.Get<SocketLimits>().TryGet(out var limits) && limits.AreOfChild)
        {
            return remedy.InChild(
                view.Get<NetworkNamespaces>().TryGet(out var namespaces) ? namespaces.Own.Owner : ProcessOwner.None
            );
        }

        return view.Get<PersistedSysctls>().TryGet(out var persisted) ? remedy.With(persisted) : remedy;
    }
}
