using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>
/// The two signs of a port that its service may lose: the port lies in the ephemeral range, and another socket has it.
/// </summary>
static class ServicePortSymptoms
{
    public static Alert UnreservedAlert { get; } =
        new(
            "service_port_unreserved",
            PoolCondition.Warning,
            ClwCodes.PortConflict,
            "the Gateway may lose its port at a restart",
            "The port lies in the ephemeral range. While the Gateway restarts, the kernel may give it to any outgoing "
                + "connection, and the Gateway then fails with EADDRINUSE. Reserve the port."
        );

    public static Alert TakenAlert { get; } =
        new(
            "service_port_taken",
            PoolCondition.Warning,
            ClwCodes.PortConflict,
            "another socket occupies the Gateway's port",
            "The Gateway fails with EADDRINUSE although nothing listens on its port. Reserve "
                + "the port, so that no further connection gets it. Then restart the program that "
                + "occupies it, or wait until its connection ends. Then start the Gateway."
        );

    /// <summary>The sign that a running service may lose its port.</summary>
    public static Symptom Unreserved { get; } =
        new()
        {
            Name = "service_port_unreserved",
            Unit = "yes or no",
            IsCounter = false,
            Help =
                "1 when the kernel may give the port of the running OpenClaw Gateway to any "
                + "outgoing connection. The port is in ip_local_port_range and not in "
                + "ip_local_reserved_ports.",
            Source = "inet_diag, /proc/sys/net/ipv4/ip_local_*",
            Scope = PoolScope.NetworkNamespace,
            Labels = ["port"],
            Alert = UnreservedAlert,
            ShowsIn = static (value, _) => value == 1,
            Headline = static (port, where, _) =>
                $"The OpenClaw Gateway{where} may lose its port {port} to an outgoing connection when it restarts",
            RemedyFor = static (view, level) => Reserve(view, level, UnreservedAlert.Advice),
            Read = ReadUnreserved,
        };

    /// <summary>The sign that a service cannot have its port.</summary>
    public static Symptom Taken { get; } =
        new()
        {
            Name = "service_port_taken",
            Unit = "yes or no",
            IsCounter = false,
            Help =
                "1 when another socket occupies the port of the OpenClaw Gateway and nothing "
                + "listens there. held_by is connection, time_wait or bound_socket.",
            Source = "inet_diag, /proc/PID/fd",
            Scope = PoolScope.NetworkNamespace,
            Labels = ["port", "held_by"],
            Alert = TakenAlert,
            ShowsIn = static (value, _) => value == 1,
            Headline = static (holder, where, _) => $"The OpenClaw Gateway{where} cannot have its {holder}",
            RemedyFor = static (view, level) => Reserve(view, level, TakenAlert.Advice),
            Read = ReadTaken,
        };

    /// <summary>Returns a level for each service whose port the kernel may give to any connection.</summary>
    static Reading<ImmutableArray<SymptomLevel>> ReadUnreserved(NamespaceView view) =>
        view.Get<ServicePortHolders>()
            .Then(holders =>
                view.Get<EphemeralPortSettings>()
                    .Select(settings =>
                        holders
                            .Listening.Select(port => new SymptomLevel(settings.Includes(port) ? 1 : 0, Text(port)))
                            .ToImmutableArray()
                    )
            );

    /// <summary>Returns a level for each port of a service that a socket without a listener has.</summary>
    static Reading<ImmutableArray<SymptomLevel>> ReadTaken(NamespaceView view) =>
        view.Get<ServicePortHolders>()
            .Select(holders =>
            {
                var settings = view.Get<EphemeralPortSettings>().TryGet(out var known) ? known : null;
                return holders
                    .Sockets.Where(holder => Keeps(holder.Socket, holder.Process, settings))
                    .GroupBy(static holder => holder.Socket.Port)
                    .Select(static group => group.MaxBy(static holder => holder.Process is null ? 0 : 1))
                    .Select(static holder => new SymptomLevel(1, Text(holder.Socket.Port), KindOf(holder.Socket))
                    {
                        Words = WordsFor(holder.Socket, holder.Process),
                    })
                    .ToImmutableArray();
            });

    static Remedy Reserve(NamespaceView view, SymptomLevel level, string advice) =>
        PortRemedies.Reserve(view, ushort.Parse(level.Labels[0], CultureInfo.InvariantCulture), advice);

    /// <summary>
    /// Returns true for a socket that keeps a service from listening. A service that ended leaves accepted connections,
    /// which do not. Their peers have ephemeral ports, and no process has them. Where the kernel may also have given
    /// the port to an outgoing connection, a socket of another or an invisible process counts.
    /// </summary>
    static bool Keeps(ServicePortSocket socket, SocketProcess? process, EphemeralPortSettings? settings)
    {
        if (process is not null && process.Name.StartsWith("openclaw", StringComparison.Ordinal))
            return false;
        if (socket.State == TcpState.Close || socket.Peer.Port < settings?.First)
            return true;
        var isInRange = settings is null || (socket.Port >= settings.First && socket.Port <= settings.Last);
        return isInRange && socket.Inode != 0;
    }

    static string KindOf(ServicePortSocket socket) =>
        socket.State switch
        {
            TcpState.Close => "bound_socket",
            TcpState.TimeWait => "time_wait",
            _ => "connection",
        };

    static string WordsFor(ServicePortSocket socket, SocketProcess? process)
    {
        var owner = process is null
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $" of {process.Name} (pid {process.Pid})");
        return socket.State switch
        {
            TcpState.Close => $"port {Text(socket.Port)}, by a bound socket{owner}",
            TcpState.TimeWait => $"port {Text(socket.Port)}, by a connection to {socket.Peer} in TIME_WAIT",
            _ => $"port {Text(socket.Port)}, by the connection to {socket.Peer}{owner}",
        };
    }

    static string Text(ushort port) => port.ToString(CultureInfo.InvariantCulture);
}
