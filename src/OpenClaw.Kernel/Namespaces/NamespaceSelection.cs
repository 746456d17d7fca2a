using System.Globalization;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>A selection of the network namespaces to read.</summary>
/// <param name="Only">The name, the inode or the start of the container id of one namespace; null for all.</param>
public sealed record NamespaceSelection(string? Only = null)
{
    /// <summary>The shortest accepted start of a container's id. A shorter one is too ambiguous.</summary>
    const int ContainerIdAtLeast = 8;

    /// <summary>
    /// True where a namespace that may not be entered is left out and only counted. Otherwise it is reported as
    /// unreadable.
    /// </summary>
    public bool WherePermitted { get; init; }

    /// <summary>Returns true where a namespace is selected.</summary>
    public bool Includes(NetworkNamespace netns) =>
        Only is null
        || netns.Name == Only
        || netns.Inode?.ToString(CultureInfo.InvariantCulture) == Only
        || (netns.Mount is { } mount && Path.GetFileName(mount) == Only)
        || (Only.Length >= ContainerIdAtLeast && netns.Owner.Container.StartsWith(Only, StringComparison.Ordinal));
}
