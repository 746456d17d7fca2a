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
    const string Range = "net.ipv4.ip_local_port_range";
    const string Reserved = "net.ipv4.ip_local_reserved_ports";

    /// <summary>
    /// The limit on the length of a list of reserved ports: what the kernel reads of one write (proc_do_large_bitmap).
    /// </summary>
    const int ReservedListAtMost = 4095;

    const string BuysTime = " A wider range buys time.";

    const string AllReserved =
        Reserved + " reserves every port of " + Range + ", so no socket gets a port. Take ports out of that list.";

    const string Stopped = "If a stopped service has its port inside the new range, add that port to " + Reserved + ".";

    /// <summary>Returns the remedy for connect(), by the reasons that hold the ports to this destination.</summary>
    public static Remedy Connect(NamespaceView view, PoolLevel level)
    {
        var thresholds = PoolCatalogue.EphemeralConnectPorts.ThresholdsOf(level);
        if (level.About is not ConnectSubject { Protocol: PortProtocol.Tcp, Ports: var use })
        {
            return WiderRange(
                view,
                thresholds,
                "Close unused UDP sockets, or use one socket for several peers. Each holds a port "
                    + "of its address for all peers."
            );
        }

        var holders = PoolHolders.OfDestination(view, level);
        return use switch
        {
            { Destination: null } => WiderRange(view, thresholds, Bound),
            _ when level.IsEffect => WiderRange(view, thresholds, Bound),
            _ when 2 * use.TimeWait > use.Own => WiderRange(
                view,
                thresholds,
                "Most of these ports wait in TIME_WAIT. Keep connections open and reuse them "
                    + "(connection pool, keep-alive) instead of opening one for each request.",
                ReuseWarning(view)
            ),
            _ when 2 * holders?.Unacknowledged > use.Own => WiderRange(
                view,
                thresholds,
                "Most of these connections are closed here, and the peer does not acknowledge that (FIN_WAIT1, "
                    + "LAST_ACK): it is gone, or does not read. The kernel frees such a port after the tries of "
                    + "net.ipv4.tcp_orphan_retries, where 0 means 8. Find what the peer has not taken: ss -tno state "
                    + "fin-wait-1 state last-ack."
            ),
            _ when 2 * holders?.ClosedHere > use.Own => WiderRange(
                view,
                thresholds,
                "Most of these connections are closed here, and not by the peer (FIN_WAIT2). The kernel frees such a "
                    + "port after net.ipv4.tcp_fin_timeout. Find the program at the destination that does not call "
                    + "close(): ss -tnp state close-wait."
            ),
            _ when 2 * use.IdleWithoutKeepalive > use.Own => WiderRange(
                view,
                thresholds,
                "Most of these connections are idle without keepalive. If the peer vanishes, such "
                    + "a connection holds its port forever. Turn on SO_KEEPALIVE, and share connections "
                    + "to this destination (connection pool, HTTP/2)."
            ),
            _ => WiderRange(
                view,
                thresholds,
                "Share connections to this destination (connection pool, HTTP/2), or close unused ones."
            ),
        };
    }

    /// <summary>Returns the remedy for bind(). Only TCP can delay the choice of a port until connect().</summary>
    public static Remedy Bind(NamespaceView view, PoolLevel level) =>
        WiderRange(
            view,
            PoolCatalogue.EphemeralBindPorts.ThresholdsOf(level),
            level.About is BindSubject { Protocol: PortProtocol.Tcp }
                ? "Let connect() choose the port of outgoing sockets, or bind them with "
                    + "IP_BIND_ADDRESS_NO_PORT. Then destinations can share ports."
                : "Close unused UDP sockets, or use one socket for several peers: each holds a port "
                    + "of its address."
        );

    const string Bound =
        "Sockets are bound to most of these ports or listen there, so no destination can "
        + "use them (ss -tan lists them). Let connect() choose the port of outgoing "
        + "sockets, or bind them with IP_BIND_ADDRESS_NO_PORT.";

    /// <summary>
    /// Returns the remedy that reserves a port of a service, besides the ports that are reserved already.
    /// </summary>
    public static Remedy Reserve(NamespaceView view, ushort port, string advice)
    {
        if (!view.Get<EphemeralPortSettings>().TryGet(out var settings) || !settings.Includes(port))
            return new(advice);
        var reserved = new PortSet();
        reserved.Add(settings.Reserved);
        reserved.Add(port);
        var list = reserved.ToString();
        return list.Length > ReservedListAtMost
            ? new(advice) { Warning = "The list of reserved ports is too long for one more: choose a narrower range." }
            : new(advice, new SysctlChange(Reserved, list) { Old = settings.Reserved.ToString() });
    }

    static string? ReuseWarning(NamespaceView view)
    {
        if (!view.Get<EphemeralPortSettings>().TryGet(out var settings))
            return null;
        var end = settings.Timestamps ? "." : ", and not at all while net.ipv4.tcp_timestamps is 0.";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"net.ipv4.tcp_tw_reuse=1 reuses a port only "
                + $"{settings.ReuseDelay.TotalSeconds:0.###} s after its connection was closed{end}"
        );
    }

    /// <summary>
    /// Returns the advice with the command for a wider range. No command takes a port of a service: it reserves them.
    /// </summary>
    static Remedy WiderRange(NamespaceView view, Thresholds thresholds, string advice, string? warning = null)
    {
        if (!view.Get<EphemeralPortSettings>().TryGet(out var settings))
            return new(advice) { Warning = warning };
        if (settings.UsableCount() == 0)
            (advice, warning) = (AllReserved, null);
        var services = ServicePorts.Read(view);
        if (!services.TryGet(out var owned))
        {
            return new(advice)
            {
                Warning = Joined(
                    "No wider range is proposed: the ports of listeners are unknown "
                        + $"({services.Missing!.Detail}).",
                    warning
                ),
            };
        }

        if (WiderPortRange.Compute(settings, MostUsed(view), owned.All, thresholds) is not { } wider)
        {
            var isReserved = settings.First > WiderPortRange.LowestSensible || settings.Last < ushort.MaxValue - 1;
            var widest = isReserved
                ? $"No wider range has more ports: {Reserved} has those outside."
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"The range is as wide as is sensible: services use the ports below "
                        + $"{WiderPortRange.LowestSensible}."
                );
            return new(advice) { Warning = Joined(widest, warning) };
        }

        var (before, after) = (settings.Reserved.ToString(), wider.Reserved.ToString());
        if (after.Length > ReservedListAtMost)
        {
            const string tooMany =
                "Too many ports have listeners for one list of reserved ports. Choose a range "
                + "without them by hand.";
            return new(advice) { Warning = Joined(tooMany, warning) };
        }

        var range = new SysctlChange(Range, Text(wider.First, wider.Last))
        {
            Old = Text(settings.First, settings.Last),
        };
        if (after == before)
            return new(advice + BuysTime, range) { Warning = Joined(Stopped, warning) };

        // The ports are reserved before the range has them.
        return new(advice + BuysTime, new SysctlChange(Reserved, after) { Old = before }, range)
        {
            Warning = Joined(Kept(owned.Words(wider.Reserved, settings.Reserved)) + Stopped, warning),
        };
    }

    static string Kept(string ports) =>
        ports.Length == 0 ? "" : $"The command reserves the ports of services inside the new range: {ports}. ";

    /// <summary>
    /// Returns the highest number of ports in use over both protocols and all calls. All pools share a range, so their
    /// commands are the same.
    /// </summary>
    static int MostUsed(NamespaceView view) =>
        new[]
        {
            view.Get<TcpSockets>().Then(static sockets => sockets.Ports),
            view.Get<UdpSockets>().Then(static sockets => sockets.Ports),
        }
            .SelectMany(static ports =>
                ports.TryGet(out var read) ? read.Connect.Concat<PortUse>(read.Bind) : Enumerable.Empty<PortUse>()
            )
            .Select(static use => use.Used)
            .DefaultIfEmpty()
            .Max();

    static string Text(int first, int last) => string.Create(CultureInfo.InvariantCulture, $"{first} {last}");

    static string Joined(string first, string? second) => second is null ? first : $"{first} {second}";
}
