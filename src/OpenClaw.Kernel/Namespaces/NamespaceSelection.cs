using System.Globalization;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>Which network namespaces are looked into.</summary>
/// <param name="Only">The name, inode or start of the container id of one; null for all.</param>
public sealed record NamespaceSelection(string? Only = null)
{
    /// <summary>Less of a container's id could be anything.</summary>
    const int ContainerIdAtLeast = 8;

    /// <summary>Whether it is one of them.</summary>
    public bool Includes(NetworkNamespace netns) =>
        Only is null
        || netns.Name == Only
        || netns.Inode?.ToString(CultureInfo.InvariantCulture) == Only
        || (netns.Mount is { } mount && Path.GetFileName(mount) == Only)
        || (Only.Length >= ContainerIdAtLeast && netns.Owner.Container.StartsWith(Only, StringComparison.Ordinal));
}
