using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.Holders;
using OpenClaw.Kernel.Links;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The subject of a pool's level, with the data that was read about it.</summary>
abstract record Subject
{
    /// <summary>The value of the label <c>subject</c>; empty where levels have no such label.</summary>
    public abstract string Name { get; }

    /// <summary>The values of the pool's own labels, in their order.</summary>
    public virtual ImmutableArray<string> Labels => [Name];

    /// <summary>The words for the subject in a sentence; empty where there are none.</summary>
    public virtual string Words => Name;

    /// <summary>The process that holds the resource; null when it is not one process.</summary>
    public virtual int? Pid => null;

    /// <summary>Returns a name with its process, where that is known.</summary>
    private protected static string WithPid(string name, int? pid) =>
        pid is { } id ? string.Create(CultureInfo.InvariantCulture, $"{name} (pid {id})") : name;
}

/// <summary>The subject of a pool without labels of its own.</summary>
sealed record WholeSubject : Subject
{
    WholeSubject() { }

    /// <summary>The only instance.</summary>
    public static WholeSubject Only { get; } = new();

    /// <inheritdoc/>
    public override string Name => "";

    /// <inheritdoc/>
    public override ImmutableArray<string> Labels => [];
}

/// <summary>A protocol that has ports.</summary>
enum PortProtocol
{
    /// <summary>TCP.</summary>
    Tcp,

    /// <summary>UDP.</summary>
    Udp,
}

/// <summary>Ports of one protocol.</summary>
/// <param name="Protocol">The protocol.</param>
abstract record PortSubject(PortProtocol Protocol) : Subject
{
    /// <summary>The value of the label <c>protocol</c>.</summary>
    private protected string ProtocolName => SnakeCase.Convert(Protocol);
}

/// <summary>The ports that connect() can take from one source to one destination.</summary>
/// <param name="Protocol">The protocol.</param>
/// <param name="Ports">The use of the ports.</param>
/// <param name="Device">The interface that the sockets are bound to, after a percent sign; empty for none.</param>
sealed record ConnectSubject(PortProtocol Protocol, ConnectPorts Ports, string Device) : PortSubject(Protocol)
{
    /// <summary>The label value for an address that makes no difference.</summary>
    const string Any = "*";

    /// <summary>The destination.</summary>
    public override string Name => Ports.Destination?.ToString() ?? Any;

    /// <inheritdoc/>
    public override ImmutableArray<string> Labels => [ProtocolName, Source, Name];

    /// <inheritdoc/>
    public override string Words
    {
        get
        {
            var from = Source == Any ? "" : $" from {Source}";
            var to = Ports.Destination is { } destination ? $"to {destination}" : "to any new destination";
            return $"{ProtocolName}{from} {to}";
        }
    }

    /// <summary>The source, followed by a percent sign and the interface where the sockets are bound to one.</summary>
    public string Source => (Ports.Source?.ToString() ?? Any) + Device;
}

/// <summary>The ports that bind() can take on one address.</summary>
/// <param name="Protocol">The protocol.</param>
/// <param name="Ports">The use of the ports.</param>
sealed record BindSubject(PortProtocol Protocol, BindPorts Ports) : PortSubject(Protocol)
{
    /// <inheritdoc/>
    public override string Name => "";

    /// <inheritdoc/>
    public override ImmutableArray<string> Labels => [ProtocolName, Ports.Address.ToString()];

    /// <inheritdoc/>
    public override string Words => $"{ProtocolName} {Ports.Address}";
}

/// <summary>The source ports of a translated address towards one remote.</summary>
/// <param name="Group">The use of the ports.</param>
sealed record TranslationSubject(TranslatedPortGroup Group) : Subject
{
    /// <inheritdoc/>
    public override string Name => $"{Protocol} from {Group.Address} to {Remote}";

    /// <inheritdoc/>
    public override ImmutableArray<string> Labels => [Protocol, Group.Address.ToString(), Remote];

    /// <summary>The remote address and port.</summary>
    public string Remote => new IPEndPoint(Group.Remote.ToIPAddress(), Group.RemotePort).ToString();

    string Protocol => SnakeCase.Convert(Group.Protocol);
}

/// <summary>The fullest process with a name.</summary>
/// <param name="Process">The process.</param>
sealed record ProcessSubject(ProcessDescriptors Process) : Subject
{
    /// <inheritdoc/>
    public override string Name => Process.Name;

    /// <inheritdoc/>
    public override string Words =>
        WithPid(Name, Pid)
        + this switch
        {
            { Sandbox: { } sandbox } => $" in {sandbox.Words}",
            { Starter: { } starter } => $" of {starter.Process}",
            _ => "",
        };

    /// <inheritdoc/>
    public override int? Pid => Process.Pid;

    /// <summary>The Gateway that started it; null for any other process.</summary>
    public FoundGateway? Starter { get; init; }

    /// <summary>The sandbox of OpenClaw that it runs in; null outside one.</summary>
    public Sandbox? Sandbox { get; init; }
}

/// <summary>A listening socket.</summary>
/// <param name="Listener">The socket.</param>
/// <param name="Device">The interface that it is bound to, after a percent sign; empty for none.</param>
sealed record ListenerSubject(Listener Listener, string Device) : Subject
{
    /// <summary>The Gateway that listens here; null for another program.</summary>
    public FoundGateway? Gateway { get; init; }

    /// <inheritdoc/>
    public override int? Pid => Gateway?.Pid;

    /// <summary>
    /// The address and port, with a percent sign and the interface where the listener is bound to one.
    /// </summary>
    public override string Name =>
        Listener.Address.IsIPv4
            ? $"{Listener.Address}{Device}:{Listener.Port}"
            : $"[{Listener.Address}]{Device}:{Listener.Port}";

    /// <summary>The name, and how many of the listeners that share it are full: at least the fullest one.</summary>
    public override string Words =>
        Listener is { Group: > 1 and var group, Capacity: not null }
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{Math.Max(Listener.FullOnes, 1)} of {group} listeners on {Name}{Holder}"
            )
            : Name + Holder;

    string Holder => Gateway is null ? "" : $" of {Gateway.Process}";
}

/// <summary>A bridge.</summary>
/// <param name="Bridge">The interface of the bridge.</param>
sealed record BridgeSubject(NetworkInterface Bridge) : Subject
{
    /// <inheritdoc/>
    public override string Name => Bridge.Name;
}

/// <summary>An address family.</summary>
/// <param name="Family">The family as sysctls write it: ipv4 or ipv6.</param>
sealed record FamilySubject(string Family) : Subject
{
    /// <inheritdoc/>
    public override string Name => Family;
}

/// <summary>A service of OpenClaw.</summary>
/// <param name="Limits">The configuration of the service.</param>
/// <param name="OnlyPid">The process of the service; null when it has several.</param>
/// <param name="Connections">Its connections.</param>
sealed record ServiceSubject(ServiceLimits Limits, int? OnlyPid, CgroupGroup Connections) : Subject
{
    /// <inheritdoc/>
    public override string Name => Limits.Service;

    /// <inheritdoc/>
    public override string Words => WithPid(Name, Pid);

    /// <inheritdoc/>
    public override int? Pid => OnlyPid;
}
