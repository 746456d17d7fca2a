using System.Collections.Immutable;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Processes;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>The network namespaces of the machine that can be seen from here, each once.</summary>
/// <param name="All">
/// Those of processes and those with a name; the exporter's own is first. One that only an open descriptor keeps alive
/// never shows. Where the kernel does not let one see the namespace of a process (CAP_SYS_PTRACE), it is known by a
/// file inside.
/// </param>
public sealed record NetworkNamespaces(ImmutableArray<NetworkNamespace> All)
{
    /// <summary>The name of the exporter's own.</summary>
    public const string Self = "self";

    /// <summary>The name of the machine's own, where more than the exporter's is looked into.</summary>
    public const string Host = "host";

    /// <summary>All that are not shown one by one.</summary>
    public const string Others = "other";

    /// <summary>The one of a process for which that could not be seen.</summary>
    public const string Unknown = "unknown";

    /// <summary>Names that mean something else than the namespace of whoever chose one of them.</summary>
    internal static ImmutableArray<string> Reserved { get; } = [Self, Host, Others, Unknown];

    readonly Dictionary<FileIdentity, NetworkNamespace> _byIdentity = All.ToDictionary(static netns => netns.Identity);

    /// <summary>The exporter's own.</summary>
    public NetworkNamespace Own => All[0];

    /// <summary>
    /// Whether nothing hides one: of a name whose process may not be looked at, nobody knows that it has none.
    /// </summary>
    public bool AreAllVisible => All.All(static netns => netns.IsVisible);

    /// <summary>The one with this inode, as kernel messages name it; null when there is none any more.</summary>
    public NetworkNamespace? Find(ulong inode) => All.FirstOrDefault(netns => netns.Inode == inode);

    /// <summary>The one that a process is in; null when that could not be seen.</summary>
    public NetworkNamespace? Find(ProcessDescriptors process) =>
        process.NetworkNamespace is { } identity ? _byIdentity.GetValueOrDefault(identity) : null;
}
