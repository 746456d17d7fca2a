using System.Collections.Immutable;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Processes;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>The visible network namespaces of the machine, each once.</summary>
/// <param name="All">The namespaces that have a process or a name, the exporter's own first. A namespace that only an
/// open descriptor keeps alive is never listed. Where the kernel hides the namespace of a process (CAP_SYS_PTRACE), a
/// file inside it identifies it.</param>
public sealed record NetworkNamespaces(ImmutableArray<NetworkNamespace> All)
{
    /// <summary>The name of the exporter's own namespace.</summary>
    public const string Self = "self";

    /// <summary>The name of the machine's own namespace, where more namespaces than the exporter's are read.</summary>
    public const string Host = "host";

    /// <summary>The name for all namespaces that are not shown one by one.</summary>
    public const string Others = "other";

    /// <summary>The name for a namespace that could not be determined.</summary>
    public const string Unknown = "unknown";

    /// <summary>Names with a special meaning, which a namespace with the same name must not take.</summary>
    internal static ImmutableArray<string> Reserved { get; } = [Self, Host, Others, Unknown];

    readonly Dictionary<FileIdentity, NetworkNamespace> _byIdentity = All.ToDictionary(static netns => netns.Identity);

    /// <summary>The exporter's own namespace.</summary>
    public NetworkNamespace Own => All[0];

    /// <summary>
    /// True where every namespace is visible itself. Otherwise a named namespace may have a process that is hidden from
    /// the exporter.
    /// </summary>
    public bool AreAllVisible => !AreProcessesHidden && All.All(static netns => netns.IsVisible);

    /// <summary>True where some processes are hidden, whose namespaces are then unknown.</summary>
    internal bool AreProcessesHidden { get; init; }

    /// <summary>
    /// The precision of the time at which a process started, and of the time of a kernel message.
    /// </summary>
    public static TimeSpan Precision { get; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Returns the namespace that had this inode, which kernel messages name, at the time of a message; null when it no
    /// longer exists.
    /// </summary>
    public NetworkNamespace? Find(ulong inode, DateTimeOffset time) =>
        All.FirstOrDefault(netns => netns.Inode == inode && netns.Since <= time + Precision);

    /// <summary>
    /// Returns the only namespace with an address; null where none is known to have it, or where several have it.
    /// </summary>
    public NetworkNamespace? Find(SocketAddress address) =>
        All.Where(netns => netns.Addresses.Contains(address)).Take(2).ToArray() is [var only] ? only : null;

    /// <summary>Returns the namespace of a process; null when it was not visible.</summary>
    public NetworkNamespace? Find(ProcessDescriptors process) =>
        process.NetworkNamespace is { } identity ? _byIdentity.GetValueOrDefault(identity) : null;
}
