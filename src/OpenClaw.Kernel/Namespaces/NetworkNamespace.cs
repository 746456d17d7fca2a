using System.Collections.Immutable;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>A network namespace of the machine, with its owner.</summary>
public sealed record NetworkNamespace
{
    /// <summary>
    /// The unique name of the namespace: <c>self</c> for the exporter's own, <c>host</c> for the machine's. Others have
    /// the name of their pod, container, <c>ip netns</c> entry or systemd unit, in this order, else their inode.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>
    /// The inode of the namespace, the number in <c>net:[4026531840]</c>; null where only a file inside it is visible.
    /// </summary>
    public ulong? Inode => IsVisible ? Identity.Inode : null;

    /// <summary>True for the namespace that the exporter runs in.</summary>
    public bool IsOwn { get; init; }

    /// <summary>The number of visible processes in the namespace.</summary>
    public int Processes { get; init; }

    /// <summary>
    /// A process in the namespace: the lowest id of a container's process, else the lowest id; null when none is
    /// visible.
    /// </summary>
    public int? Pid => Pids.IsEmpty ? null : Pids[0];

    /// <summary>
    /// The path where <c>ip netns</c> or a container engine mounted the namespace; null where it has no such name.
    /// </summary>
    public string? Mount { get; init; }

    /// <summary>The owner of the process <see cref="Pid"/>.</summary>
    public ProcessOwner Owner { get; init; } = ProcessOwner.None;

    /// <summary>
    /// The time that the exporter has seen the namespace without a process or socket; it may be leaked. Null while it
    /// has one.
    /// </summary>
    public TimeSpan? Abandoned { get; init; }

    /// <summary>
    /// True where the namespace has no process, and could not be entered to look for sockets.
    /// </summary>
    public bool MayBeAbandoned { get; init; }

    /// <summary>
    /// The latest time since when it is known to exist: its oldest known process started, or it was seen first. The
    /// kernel gives the inode of a namespace that ended to the next new one, so an event from before is another's.
    /// </summary>
    public DateTimeOffset Since { get; init; } = DateTimeOffset.MinValue;

    /// <summary>
    /// The addresses of its interfaces without loopback, at most a minute old. None where they are not known.
    /// </summary>
    public ImmutableArray<SocketAddress> Addresses { get; init; } = [];

    /// <summary>The identity of the namespace where that is visible, else of the file inside.</summary>
    internal FileIdentity Identity { get; init; }

    internal bool IsVisible { get; init; } = true;

    /// <summary>Processes in the namespace, <see cref="Pid"/> first. The others replace one that has ended.</summary>
    internal ImmutableArray<int> Pids { get; init; } = [];

    /// <summary>Returns true where a process is still in the namespace.</summary>
    internal bool Holds(int pid, ProcMount proc) =>
        (IsVisible ? ProcessNamespaces.IdentityOf(pid, proc) : ProcessNamespaces.InnerFileOf(pid, proc)).TryGet(
            out var now
        )
        && now == Identity;
}
