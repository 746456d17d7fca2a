using OpenClaw.Kernel.Links;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Writes;

/// <summary>The bridge of an interface.</summary>
/// <param name="Index">The index of the interface.</param>
/// <param name="Bridge">The name of its bridge; null where it is no port.</param>
public sealed record BridgeMembership(int Index, string? Bridge)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Reads the interfaces of the calling thread's network namespace, by their names.</summary>
    public static Reading<Dictionary<string, BridgeMembership>> Read() =>
        NetworkInterfacesReader
            .Read(
                static timeout => NetlinkSocket.OpenRoute(timeout).Select<INetlinkTransport>(static opened => opened),
                Deadline.After(Patience)
            )
            .Select(static interfaces =>
            {
                var names = new Dictionary<int, string>();
                foreach (var link in interfaces.All)
                    names[link.Index] = link.Name;
                var all = new Dictionary<string, BridgeMembership>();
                foreach (var link in interfaces.All)
                    all[link.Name] = new(link.Index, names.GetValueOrDefault(link.Master));
                return all;
            });
}
