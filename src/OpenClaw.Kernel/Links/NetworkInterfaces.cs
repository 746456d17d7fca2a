using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Links;

/// <summary>One network interface, as RTM_GETLINK shows it.</summary>
/// <param name="Index">Its number in its namespace.</param>
/// <param name="Name">Its name, in which bytes that are no UTF-8 are escapes: see <see cref="HasEscapedName"/>.</param>
/// <param name="Kind">IFLA_INFO_KIND: "veth", "bridge", "macvlan"; empty for hardware and loopback.</param>
/// <param name="PortKind">IFLA_INFO_SLAVE_KIND: what its master is, "bridge" or "bond"; empty without one.</param>
/// <param name="Master">IFLA_MASTER: the interface it is a port of, or 0.</param>
/// <param name="Lower">IFLA_LINK in the same namespace: the interface it stands on, or 0. For a veth, its peer.</param>
/// <param name="MacAddress">Its Ethernet address as a number; 0 when it has none.</param>
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
    /// <summary>The second bit of the first of six bytes.</summary>
    const ulong LocallyAdministered = 0x02_00_00_00_00_00;

    internal const string Bridge = "bridge";
    internal const string Veth = "veth";
    internal const string Tun = "tun";

    /// <summary>
    /// True when its name has bytes that stand in <see cref="Name"/> as \xNN: no command finds it by that.
    /// </summary>
    public bool HasEscapedName => KernelText.HasEscape(Name);

    /// <summary>Whether it is a bridge.</summary>
    public bool IsBridge => Kind == Bridge;

    /// <summary>Whether it is one end of a veth pair.</summary>
    public bool IsVeth => Kind == Veth;

    /// <summary>Whether it is a tap device: as a rule, the end of a virtual machine.</summary>
    public bool IsTun => Kind == Tun;

    /// <summary>True when its Ethernet address is locally administered: no hardware brings it along.</summary>
    internal bool HasLocalAddress => (MacAddress & LocallyAdministered) != 0;

    /// <summary>
    /// Whether nothing can pass it, by IFLA_OPERSTATE: it was not set up, has no carrier, or what it stands on has
    /// none. So is either end of a veth pair while one of them is not up.
    /// </summary>
    public bool IsDown { get; init; }
}

/// <summary>The network interfaces of one network namespace.</summary>
public sealed record NetworkInterfaces(ImmutableArray<NetworkInterface> All) : IPerNamespace
{
    /// <summary>
    /// How many ports a bridge can have: BR_MAX_PORTS is 1 &lt;&lt; 10, and port number 0 is never given out
    /// (net/bridge/br_private.h, find_portno in br_if.c). One more is refused with EXFULL, "Exchange full".
    /// </summary>
    public const int BridgePortLimit = 1023;

    /// <summary>Each bridge with the number of its ports.</summary>
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
    /// How many MAC addresses several interfaces hold independently of each other where they can share a segment. An
    /// interface does not count that takes its address from another one here: a VLAN or macvlan from the interface it
    /// stands on, a port of a bond from the bond, a bridge from one of its ports. Nor does the end of a veth pair that
    /// is a port of nothing, with a locally administered address: the only other station of its segment is its peer.
    /// Calico gives all of these ee:ee:ee:ee:ee:ee.
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
