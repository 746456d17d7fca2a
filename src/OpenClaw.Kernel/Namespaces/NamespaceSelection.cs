namespace OpenClaw.Kernel.Namespaces;

/// <summary>Which network namespaces are looked into beside the exporter's own.</summary>
/// <param name="Only">The name, inode or start of the container id of one; null for all.</param>
public sealed record NamespaceSelection(string? Only = null);
