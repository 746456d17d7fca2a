using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Links;

/// <summary>A network interface, as RTM_GETLINK shows it.</summary>
/// <param name="Index">The number of the interface in its namespace.</param>
/// <param name="Name">The name. Bytes that are not UTF-8 are escaped: see <see cref="HasEscapedName"/>.</param>
/// <param name="Kind">IFLA_INFO_KIND: "veth", "bridge", "macvlan". Empty for hardware and loopback.</param>
/// <param name="PortKind">IFLA_INFO_SLAVE_KIND: the kind of its master, "bridge" or "bond". Empty without a
/// master.</param>
/// <param name="Master">IFLA_MASTER: the interface that this one is a port of, or 0.</param>
/// <param name="Lower">IFLA_LINK in the same namespace: the interface below this one, or 0. For a veth, its
/// peer.</param>
/// <param name="MacAddress">The Ethernet address as a number; 0 for none.</param>
public readonly record struct NetworkInterface(
    int Index,
    string Name,
    string Kind,
    string PortKind,
    int Master,
    int Lower,
    ulong MacAddress
)
{
    /// <summary>The second lowest bit of the first of six bytes.</summary>
    const ulong LocallyAdministered = 0x02_00_00_00_00_00;

    internal const string Bridge = "bridge";
    internal const string Veth = "veth";
    internal const string Tun = "tun";

    /// <summary>
    /// True when <see cref="Name"/> shows some bytes of the name as \xNN. No command finds the interface by that name.
    /// </summary>
    public bool HasEscapedName => KernelText.HasEscape(Name);

    /// <summary>True for a bridge.</summary>
    public bool IsBridge => Kind == Bridge;

    /// <summary>True for one end of a veth pair.</summary>
    public bool IsVeth => Kind == Veth;

    /// <summary>True for a tap device, in most cases the interface of a virtual machine.</summary>
    public bool IsTun => Kind == Tun;

    /// <summary>True when the Ethernet address is locally administered, so that no hardware came with it.</summary>
    internal bool HasLocalAddress => (MacAddress & LocallyAdministered) != 0;

    /// <summary>
    /// IFLA_LINK in another network namespace: of a veth, the index of its peer there. 0 for none.
    /// </summary>
    public int PeerElsewhere { get; init; }

    /// <summary>
    /// True when no packet can pass the interface, by IFLA_OPERSTATE. It is not up, it has no carrier, or the interface
    /// below it has none. Both ends of a veth pair are down while one of them is not up.
    /// </summary>
    public bool IsDown { get; init; }
}

/// <summary>The network interfaces of one network namespace.</summary>
public sealed record NetworkInterfaces(ImmutableArray<NetworkInterface> All) : IPerNamespace
{
    /// <summary>
    /// The limit on ports of a bridge. BR_MAX_PORTS is 1 &lt;&lt; 10, and port number 0 is never used
    /// (net/bridge/br_private.h, find_portno in br_if.c). The kernel refuses one more with EXFULL, "Exchange full".
    /// </summary>
    public const int BridgePortLimit = 1023;

    /// <summary>The bridges, each with the number of its ports.</summary>
    public IEnumerable<(NetworkInterface Bridge, int Ports)> Bridges
    {
        get
        {
            var ports = All.Where(static link => link.Master != 0).CountBy(static link => link.Master).ToDictionary();
            return All.Where(static link => link.IsBridge)
                .Select(bridge => (bridge, ports.GetValueOrDefault(bridge.Index)));
        }
    }

    /// <summary>
    /// The number of MAC addresses that several interfaces hold independently where they can share a segment. An
    /// interface with the address of another one here does not count. A VLAN or macvlan has the address of the
    /// interface below it. A port of a bond has the address of the bond, and a bridge has that of one of its ports. A
    /// locally administered end of a veth pair that is no port does not count either. The only other station of its
    /// segment is its peer, and Calico gives all of these ee:ee:ee:ee:ee:ee.
    /// </summary>
    public int DuplicateMacAddresses
    {
        get
        {
            var addresses = new Dictionary<int, ulong>(All.Length);
            var ofBridgePorts = new HashSet<(int Bridge, ulong Address)>();
            foreach (var link in All)
            {
                addresses[link.Index] = link.MacAddress;
                if (link.Master != 0)
                    ofBridgePorts.Add((link.Master, link.MacAddress));
            }

            return All.Where(link => link.MacAddress != 0 && !TakesAddress(link) && !IsAloneWithAddress(link))
                .CountBy(static link => link.MacAddress)
                .Count(static holders => holders.Value > 1);

            bool IsThatOf(int index, NetworkInterface link) =>
                addresses.TryGetValue(index, out var address) && address == link.MacAddress;

            bool TakesAddress(NetworkInterface link) =>
                (!link.IsVeth && IsThatOf(link.Lower, link))
                || (link.PortKind != NetworkInterface.Bridge && IsThatOf(link.Master, link))
                || (link.IsBridge && ofBridgePorts.Contains((link.Index, link.MacAddress)));

            bool IsAloneWithAddress(NetworkInterface link) =>
                link.IsVeth && link.Master == 0 && link.HasLocalAddress && !IsThatOf(link.Lower, link);
        }
    }
}
