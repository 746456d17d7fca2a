using System.Collections.Immutable;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>One network namespace of the machine, and whose it is.</summary>
public sealed record NetworkNamespace
{
    /// <summary>
    /// What it is called, unlike every other: <c>self</c> is the exporter's own, <c>host</c> the machine's; others have
    /// the name of their pod, container, <c>ip netns</c> entry or systemd unit, in this order, else their inode.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>
    /// Its inode, the number in <c>net:[4026531840]</c>; null where only a file inside it could be seen.
    /// </summary>
    public ulong? Inode => IsVisible ? Identity.Inode : null;

    /// <summary>Whether the exporter runs in it.</summary>
    public bool IsOwn { get; init; }

    /// <summary>How many processes are in it that can be seen.</summary>
    public int Processes { get; init; }

    /// <summary>
    /// A process in it: that of a container with the lowest id, else the lowest; null when none can be seen.
    /// </summary>
    public int? Pid => Pids.IsEmpty ? null : Pids[0];

    /// <summary>Where <c>ip netns</c> or a container engine has mounted it; null where it has no name there.</summary>
    public string? Mount { get; init; }

    /// <summary>Whose that process is.</summary>
    public ProcessOwner Owner { get; init; } = ProcessOwner.None;

    /// <summary>
    /// For how long the exporter has seen it without a process: it may be a leak. Null while it has one.
    /// </summary>
    public TimeSpan? Abandoned { get; init; }

    /// <summary>Of the namespace where it is visible, else of the file inside.</summary>
    internal FileIdentity Identity { get; init; }

    internal bool IsVisible { get; init; } = true;

    /// <summary>Processes in it, <see cref="Pid"/> first: others stand in for one that is gone.</summary>
    internal ImmutableArray<int> Pids { get; init; } = [];

    /// <summary>Whether a process is in it still.</summary>
    internal bool Holds(int pid, ProcMount proc) =>
        (IsVisible ? ProcessNamespaces.IdentityOf(pid, proc) : ProcessNamespaces.InnerFileOf(pid, proc)).TryGet(
            out var now
        )
        && now == Identity;
}
