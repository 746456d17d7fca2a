using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>
/// The ports of services in one network namespace. An outgoing connection that is assigned such a port keeps the
/// service from starting again.
/// </summary>
sealed class ServicePorts
{
    /// <summary>The first port of the default of kube-apiserver's --service-node-port-range.</summary>
    public const ushort FirstNodePort = 30000;

    /// <summary>The last port of that range.</summary>
    public const ushort LastNodePort = 32767;

    /// <summary>The default port of the OpenClaw Gateway.</summary>
    public const ushort Gateway = GatewayDiscovery.UsualPort;

    /// <summary>The limit on ports and ranges of listeners that are written out.</summary>
    const int ListenersShown = 20;

    /// <summary>The programs that are or contain a kubelet.</summary>
    static readonly FrozenSet<string> Kubelets = FrozenSet.Create(
        StringComparer.Ordinal,
        "kubelet",
        "kubelite",
        "k3s",
        "k3s-server",
        "k3s-agent",
        "microshift"
    );

    readonly ImmutableArray<(PortSet Ports, string Owner)> _owners;

    ServicePorts(ImmutableArray<(PortSet Ports, string Owner)> owners)
    {
        _owners = owners;
        foreach (var (ports, _) in owners)
            All.Add(ports);
    }

    /// <summary>All of these ports.</summary>
    public PortSet All { get; } = new();

    /// <summary>
    /// Returns the ports of listeners, of the Gateway and, where Kubernetes runs or may run, its NodePorts. Missing
    /// when the listeners could not be read.
    /// </summary>
    public static Reading<ServicePorts> Read(NamespaceView view)
    {
        var tcp = ListeningPorts(view.Get<TcpSockets>().Then(static sockets => sockets.Ports));
        if (!tcp.TryGet(out var listening))
            return tcp.Missing!;
        var udp = ListeningPorts(view.Get<UdpSockets>().Then(static sockets => sockets.Ports));
        var owners = ImmutableArray.CreateBuilder<(PortSet, string)>();
        owners.Add((GatewayPorts(view), "the OpenClaw Gateway"));
        if (NodePortOwner(view) is { } kubernetes)
        {
            var ports = new PortSet();
            ports.Add(FirstNodePort, LastNodePort);
            owners.Add((ports, kubernetes));
        }

        owners.Add((SetOf(udp.TryGet(out var bound) ? listening.AddRange(bound) : listening), "listeners"));
        return new ServicePorts(owners.ToImmutable());
    }

    /// <summary>Returns the ports that only the first range reserves, with their owners, as a list.</summary>
    public string Words(PortSet reserved, PortSet before)
    {
        var words = new List<string>();
        var named = new PortSet();
        named.Add(before);
        foreach (var (ports, owner) in _owners)
        {
            var list = SetOf(ports.ToPorts().Where(port => reserved.Contains(port) && !named.Contains(port)));
            named.Add(list);
            var text = list.ToString();
            if (text.Length == 0)
                continue;
            words.Add(
                text.Count(static character => character == ',') < ListenersShown
                    ? $"{text} ({owner})"
                    : string.Create(CultureInfo.InvariantCulture, $"{list.Count} ports ({owner})")
            );
        }

        return string.Join(", ", words);
    }

    static PortSet GatewayPorts(NamespaceView view)
    {
        var ports = new PortSet();
        ports.Add(Gateway);
        if (view.Get<GatewayHealth>().TryGet(out var health) && health.Port is { } configured)
            ports.Add(configured);
        if (view.IsOwn && view.Get<FoundGateways>().TryGet(out var found))
        {
            foreach (var port in found.Running.SelectMany(FoundGateway.PortsHere))
                ports.Add(port);
        }

        return ports;
    }

    /// <summary>Returns the owner of the NodePorts in words; null where no Kubernetes runs.</summary>
    static string? NodePortOwner(NamespaceView view)
    {
        const string owner = "NodePorts of Kubernetes";
        if (!view.Get<ProcessTable>().TryGet(out var table))
            return owner + ", in case it runs here";
        if (table.Processes.Any(static process => Kubelets.Contains(process.Name)))
            return owner;
        return table.Unnamed is null ? null : owner + ", in case it runs here";
    }

    /// <summary>Returns the ports; none where the kernel has no socket of the protocol.</summary>
    static Reading<ImmutableArray<ushort>> ListeningPorts(Reading<EphemeralPorts> ports) =>
        ports.Outcome == Outcome.None ? ImmutableArray<ushort>.Empty : ports.Select(static read => read.ListeningPorts);

    static PortSet SetOf(IEnumerable<ushort> ports)
    {
        var set = new PortSet();
        foreach (var port in ports)
            set.Add(port);
        return set;
    }
}
