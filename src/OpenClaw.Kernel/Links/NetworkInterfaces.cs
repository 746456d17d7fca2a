using System.Collections.Immutable;

namespace OpenClaw.Kernel.Links;

/// <summary>One network interface, as RTM_GETLINK shows it.</summary>
/// <param name="Index">Its number in its namespace.</param>
/// <param name="Name">Its name; invalid UTF-8 becomes U+FFFD.</param>
/// <param name="Kind">IFLA_INFO_KIND: "veth", "bridge", "macvlan"; empty for hardware and loopback.</param>
/// <param name="PortKind">IFLA_INFO_SLAVE_KIND: what its master is, "bridge" or "bond"; empty without one.</param>
/// <param name="Master">IFLA_MASTER: the interface it is a port of, or 0.</param>
/// <param name="Lower">IFLA_LINK in the same namespace: the interface it stands on, or 0. For a veth, its peer.</param>
/// <param name="MacAddress">Its Ethernet address as a number; 0 when it has none.</param>
public readonly record struct NetworkInterface(
    int Index, string Name, string Kind, string PortKind, int Master, int Lower, ulong MacAddress)
{
    internal const string Bridge = "bridge";
    internal const string Veth = "veth";
    internal const string Tun = "tun";

    /// <summary>Whether it is a bridge.</summary>
    public bool IsBridge => Kind == Bridge;

    /// <summary>Whether it is one end of a veth pair.</summary>
    public bool IsVeth => Kind == Veth;

    /// <summary>Whether it is a tap device: as a rule, the end of a virtual machine.</summary>
    public bool IsTun => Kind == Tun;

    /// <summary>
    /// Whether nothing can pass it, by IFLA_OPERSTATE: it was not set up, has no carrier, or what it stands on has none. So is
    /// either end of a veth pair while one of them is not up.
    /// </summary>
    public bool IsDown { get; init; }
}

/// <summary>The network interfaces of one network namespace.</summary>
public sealed record NetworkInterfaces(ImmutableArray<NetworkInterface> All)
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
            return All.Where(static link => link.IsBridge).Select(bridge => (bridge, ports.GetValueOrDefault(bridge.Index)));
        }
    }

    /// <summary>
    /// How many MAC addresses several interfaces hold independently of each other. An interface that takes its address
    /// from another one here does not count: a VLAN or macvlan from the interface it stands on, a port of a bond from the bond,
    /// a bridge from one of its ports.
    /// </summary>
    public int DuplicateMacAddresses => All
        .Where(static link => link.MacAddress != 0)
        .GroupBy(static link => link.MacAddress)
        .Count(static holders => holders.Take(2).Count() > 1 && holders.Count(link => !TakesAddressFrom(link, holders)) > 1);

    static bool TakesAddressFrom(NetworkInterface link, IEnumerable<NetworkInterface> holders) => holders.Any(other =>
        (link.Lower == other.Index && !link.IsVeth)
        || (link.Master == other.Index && link.PortKind != NetworkInterface.Bridge)
        || (link.IsBridge && other.Master == link.Index));
}
