using System.Globalization;
using OpenClaw.Kernel.Links;
using OpenClaw.Kernel.Namespaces;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The interface that a socket is bound to (SO_BINDTODEVICE), as ss writes it after an address.</summary>
static class BoundInterface
{
    /// <summary>
    /// Returns "%lo", or an empty text where the socket is bound to no interface. Where the namespace has no interface
    /// with the index, the number: "%1".
    /// </summary>
    /// <param name="view">The socket's network namespace.</param>
    /// <param name="index">The index of the interface; 0 for none.</param>
    public static string Suffix(NamespaceView view, uint index)
    {
        if (index == 0)
            return "";
        var link = view.Get<NetworkInterfaces>().TryGet(out var interfaces)
            ? interfaces.All.FirstOrDefault(candidate => candidate.Index == index)
            : default;
        return string.IsNullOrEmpty(link.Name)
            ? string.Create(CultureInfo.InvariantCulture, $"%{index}")
            : "%" + link.Name;
    }
}
