using OpenClaw.Kernel.Files;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>The namespaces that were not reached last time. They are read first next time.</summary>
sealed class OwedNamespaces
{
    HashSet<FileIdentity> _owed = [];

    /// <summary>Returns the namespaces in the order in which to read them.</summary>
    public List<NetworkNamespace> First(IEnumerable<NetworkNamespace> namespaces) =>
        [.. namespaces.OrderByDescending(netns => _owed.Contains(netns.Identity))];

    /// <summary>Stores the namespaces that were not reached this time.</summary>
    public void Remember(IEnumerable<FileIdentity> unreached) => _owed = [.. unreached];
}
