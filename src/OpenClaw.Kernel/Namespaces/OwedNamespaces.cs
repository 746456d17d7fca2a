using OpenClaw.Kernel.Files;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>The namespaces that were not reached the last time: they come first the next time.</summary>
sealed class OwedNamespaces
{
    HashSet<FileIdentity> _owed = [];

    /// <summary>Namespaces in the order in which to look at them.</summary>
    public List<NetworkNamespace> First(IEnumerable<NetworkNamespace> namespaces) =>
        [.. namespaces.OrderByDescending(netns => _owed.Contains(netns.Identity))];

    /// <summary>Takes down those that were not reached this time.</summary>
    public void Remember(IEnumerable<FileIdentity> unreached) => _owed = [.. unreached];
}
