using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>
/// The remedies of the ephemeral port pools. A change in the application comes first, a wider range second.
/// </summary>
static class PortRemedies
{
    // Services listen below this range. Above the end of the default range, some systems keep ports for other uses.
    const int LowestSensiblePort = 10240;
    const int HighestSensiblePort = 60999;

    /// <summary>The limit on listeners whose ports a command reserves.</summary>
    const int ListenersAtMost = 20;

    const string BuysTime = " A wider range buys time.";

    /// <summary>Returns the remedy for connect(), by the reasons that hold the ports to this destination.</summary>
    public static Remedy Connect(NamespaceView view, PoolLevel level)
    {
        if (level.About is not ConnectSubject { Protocol: PortProtocol.Tcp, Ports: var use })
        {
            return WiderRange(
                view,
                "Close UDP sockets that are not used, or use one for several peers: each holds a port of its "
                    + "address, whatever the peer."
            );
        }

        return use switch
        {
            { Destination: null } => WiderRange(view, Bound),
            _ when level.IsEffect => WiderRange(view, Bound),
            _ when 2 * use.TimeWait > use.Own => WiderRange(
                view,
                "Most of these ports wait in TIME_WAIT: keep connections open and reuse them (connection pool, "
                    + "keep-alive) instead of opening one for each request.",
                ReuseWarning(view)
            ),
            _ when 2 * use.IdleWithoutKeepalive > use.Own => WiderRange(
                view,
                "Most of these connections are idle without keepalive, so those whose peer is gone hold their "
                    + "port for good: turn it on (SO_KEEPALIVE), "
                    + "and share connections to this destination (connection pool, HTTP/2)."
            ),
            _ => WiderRange(
                view,
                "Share connections to this destination (connection pool, HTTP/2), or close those that are not used."
            ),
        };
    }

    /// <summary>Returns the remedy for bind(). Only TCP can delay the choice of a port until connect().</summary>
    public static Remedy Bind(NamespaceView view, PoolLevel level) =>
        WiderRange(
            view,
            level.About is BindSubject { Protocol: PortProtocol.Tcp }
                ? "Let outgoing sockets be bound by connect(), or bind them with IP_BIND_ADDRESS_NO_PORT, so that "
                    + "destinations can share ports."
                : "Close UDP sockets that are not used, or use one for several peers: each holds a port of its address."
        );

    const string Bound =
        "Most of these ports have a socket that was bound to them, or listens, so that no destination can have "
        + "them (ss -tan shows which): "
        + "let connect() choose the port of outgoing sockets, or bind them with IP_BIND_ADDRESS_NO_PORT.";

    static string? ReuseWarning(NamespaceView view)
    {
        if (!view.Get<EphemeralPortSettings>().TryGet(out var settings))
            return null;
        var end = settings.Timestamps ? "." : ", and not at all while net.ipv4.tcp_timestamps is 0.";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"net.ipv4.tcp_tw_reuse=1 gives a port out again only {settings.ReuseDelay.TotalSeconds:0.###} "
                + $"s after its connection was closed{end}"
        );
    }

    static Remedy WiderRange(NamespaceView view, string advice, string? warning = null)
    {
        if (!view.Get<EphemeralPortSettings>().TryGet(out var settings))
            return new(advice) { Warning = warning };
        var first = Math.Min(
            (int)settings.First,
            Math.Max(LowestSensiblePort, settings.First - (3 * settings.RangeSize))
        );
        var last = Math.Max((int)settings.Last, Math.Min(HighestSensiblePort, first + (4 * settings.RangeSize) - 1));

        // An odd range loses a port.
        if ((last - first) % 2 == 0)
            last--;
        if (last - first + 1 <= settings.RangeSize)
        {
            const string widest =
                "The range is as wide as is wise: below 10240 it would swallow the ports of services.";
            return new(advice) { Warning = Joined(widest, warning) };
        }

        var range = new SysctlChange(
            "net.ipv4.ip_local_port_range",
            string.Create(CultureInfo.InvariantCulture, $"{first} {last}")
        );
        var listening = ListenersIn(view, settings, first, last);
        if (listening.Length is 0 or > ListenersAtMost)
        {
            var who = listening.IsEmpty
                ? "A service that listens on a port"
                : string.Create(CultureInfo.InvariantCulture, $"{listening.Length} ports have listeners that are");
            return new(advice + BuysTime, range)
            {
                Warning = Joined(
                    $"{who} inside the new range can find it taken when it is started again: "
                        + "put such ports into net.ipv4.ip_local_reserved_ports.",
                    warning
                ),
            };
        }

        var reserved = new SysctlChange(
            "net.ipv4.ip_local_reserved_ports",
            Ranges([.. settings.Reserved.ToPorts().Union(listening).Order()])
        );
        return new(advice + BuysTime, range, reserved)
        {
            Warning = Joined(
                $"Listeners on {string.Join(", ", listening)} are inside the new range, and could find their "
                    + $"port taken when they "
                    + "are started again: the command reserves it.",
                warning
            ),
        };
    }

    /// <summary>Returns the ports of listeners inside a wider range. The kernel does not assign them so far.</summary>
    static ImmutableArray<ushort> ListenersIn(
        NamespaceView view,
        EphemeralPortSettings settings,
        int first,
        int last
    ) =>
        view.Get<TcpSockets>().Then(static sockets => sockets.Ports).TryGet(out var ports)
            ?
            [
                .. ports.ListeningPorts.Where(port =>
                    port >= first
                    && port <= last
                    && (port < settings.First || port > settings.Last)
                    && !settings.Reserved.Contains(port)
                ),
            ]
            : [];

    /// <summary>Formats ports as the kernel does: "8080,9000-9010".</summary>
    static string Ranges(ImmutableArray<ushort> ports)
    {
        var ranges = new List<string>();
        for (var i = 0; i < ports.Length; i++)
        {
            var start = i;
            while (i + 1 < ports.Length && ports[i + 1] == ports[i] + 1)
                i++;
            ranges.Add(start == i ? $"{ports[i]}" : $"{ports[start]}-{ports[i]}");
        }

        return string.Join(',', ranges);
    }

    static string Joined(string first, string? second) => second is null ? first : $"{first} {second}";
}
