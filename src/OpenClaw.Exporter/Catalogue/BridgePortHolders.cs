using System.Globalization;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Links;
using OpenClaw.Kernel.Namespaces;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>Finds the containers and network namespaces behind the ports of a bridge.</summary>
static class BridgePortHolders
{
    const int AtMost = 5;

    /// <summary>
    /// Returns the owners of the far ends of the bridge's veth pairs, those with most ports first. A far end is found
    /// where its network namespace was read.
    /// </summary>
    public static LevelHolders Find(NamespaceView view, PoolLevel level)
    {
        if (level.About is not BridgeSubject { Bridge: var bridge })
            return LevelHolders.None;
        if (!view.Get<NetworkInterfaces>().TryGet(out var own))
            return LevelHolders.None;
        var ends = (
            from seen in view.Get<NamespaceSnapshots>().TryGet(out var others) ? others.Used : []
            let links = seen.Readings.Get<NetworkInterfaces>().TryGet(out var read) ? read.All : []
            from link in links
            where link.PeerElsewhere != 0
            select (seen.Namespace, link)
        ).ToLookup(static end => (end.link.Index, end.link.PeerElsewhere), static end => end.Namespace);
        var ports = own.All.Where(link => link.Master == bridge.Index && link.PeerElsewhere != 0).ToList();
        var found = ports
            .Select(port => ends[(port.PeerElsewhere, port.Index)].FirstOrDefault())
            .OfType<NetworkNamespace>()
            .ToList();
        var holders = found
            .GroupBy(static netns => netns.Name)
            .OrderByDescending(static netns => netns.Count())
            .ThenBy(static netns => netns.Key, StringComparer.Ordinal)
            .Take(AtMost)
            .Select(netns => From(view, netns.First(), netns.Count()));
        var unfound = ports.Count - found.Count;
        return new([.. holders])
        {
            Unaccounted = unfound,
            Notes =
                unfound == 0
                    ? []
                    :
                    [
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"to network namespaces that were not read: {unfound:N0}"
                        ),
                    ],
        };
    }

    static Holder From(NamespaceView view, NetworkNamespace netns, int ports)
    {
        var container = DescriptorRemedies.ContainerOf(view, netns.Owner);
        var words = ContainerWords.Describe(netns.Owner.Container, container);
        return new(words.Length > 0 ? words : $"network namespace {netns.Name}", ports)
        {
            Owner = netns.Owner,
            Container = container,
        };
    }
}
