using System.Collections.Immutable;
using OpenClaw.Kernel.InetDiag;

namespace OpenClaw.Kernel.Sockets;

/// <summary>Collects the sockets at the ports of known services: at each port the listener, and a few others.</summary>
/// <param name="ports">The ports, few.</param>
sealed class ServicePortFold(ServicePortList ports)
{
    /// <summary>
    /// The limit on sockets of one port. A busy service has thousands of accepted connections; its listener, which
    /// explains them, comes before them in a dump.
    /// </summary>
    const int SocketsAtMost = 16;

    readonly List<ServicePortSocket> _sockets = [];

    /// <summary>The ports of this dump, which may not change within it.</summary>
    IReadOnlyList<ushort> _ports = ports.All;

    public void Clear()
    {
        _sockets.Clear();
        _ports = ports.All;
    }

    public void Add(in SocketRecord record)
    {
        // Almost all sockets are at other ports.
        var port = record.SourcePort;
        if (_ports.Contains(port))
            Add(new(port, record.State, record.Source, new(record.Destination, record.DestinationPort), record.Inode));
    }

    /// <summary>Adds a socket at one of the ports.</summary>
    public void Add(ServicePortSocket socket)
    {
        if (CountAt(socket.Port) < SocketsAtMost)
            _sockets.Add(socket);
    }

    /// <summary>The ports of this dump.</summary>
    public IReadOnlyList<ushort> Ports => _ports;

    int CountAt(ushort port) => _sockets.Count(socket => socket.Port == port);

    public ImmutableArray<ServicePortSocket> ToSockets() => [.. _sockets];
}
