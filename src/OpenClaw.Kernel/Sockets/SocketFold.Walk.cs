using System.Runtime.InteropServices;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Ports;

namespace OpenClaw.Kernel.Sockets;

/// <summary>The part that takes the counts of a walk in the kernel instead of single sockets.</summary>
sealed partial class SocketFold
{
    /// <inheritdoc cref="PortFold.Ambiguous"/>
    public double Ambiguous => _ports.Ambiguous;

    /// <summary>Writes the settings and the ports that are blocked so far, for a walk.</summary>
    public void WriteTo(Span<byte> walk)
    {
        MemoryMarshal.Write(walk[TcpWalkLayout.DelayAt..], (ulong)(_settings?.ReuseDelay.TotalMilliseconds ?? 0));
        _ports.WriteTo(walk[TcpWalkLayout.AssignedAt..], walk[TcpWalkLayout.BlockedAt..]);
        var written = new PortSet();
        foreach (var port in _services.Ports)
            written.Add(port);
        written.CopyTo(walk[TcpWalkLayout.WrittenAt..]);
    }

    /// <summary>Adds the value that the whole walk shares.</summary>
    public void AddWalk(ReadOnlySpan<byte> walk)
    {
        QueuedBytes += MemoryMarshal.Read<long>(walk[TcpWalkLayout.BytesAt..]);
        EstablishedWithoutTimer += MemoryMarshal.Read<long>(walk[TcpWalkLayout.WithoutTimerAt..]);
        Orphans += MemoryMarshal.Read<long>(walk[TcpWalkLayout.OrphansAt..]);
        _ports.AddBlocked(walk.Slice(TcpWalkLayout.BlockedAt, TcpWalkLayout.PortsLength));
    }

    /// <summary>Adds a socket at the port of a known service, which is counted elsewhere.</summary>
    public void AddAtServicePort(ServicePortSocket socket) => _services.Add(socket);

    /// <summary>Adds the sockets of a cgroup, by state.</summary>
    public void AddCgroup(ulong cgroup, ReadOnlySpan<ulong> states)
    {
        for (var state = TcpState.Established; state <= TcpState.Closing; state++)
        {
            _states[(int)state - 1] += (long)states[(int)state];
            _cgroups?.Add(state, cgroup, (long)states[(int)state]);
        }
    }

    /// <inheritdoc cref="PortFold.AddPorts"/>
    public void AddPorts(SocketAddress source, bool isIPv6Only, ReadOnlySpan<byte> ports) =>
        _ports.AddPorts(source, isIPv6Only, ports);

    /// <summary>Adds the sockets of a pair, at ports that are not blocked.</summary>
    /// <param name="source">The local address.</param>
    /// <param name="destination">The destination.</param>
    /// <param name="index">The interface, or 0.</param>
    /// <param name="holds">The sockets of each <see cref="PortHold"/>.</param>
    public void AddPair(SocketAddress source, Destination destination, uint index, ReadOnlySpan<ulong> holds) =>
        _ports.AddPair(
            source,
            destination,
            index,
            new(
                (int)holds[(int)PortHold.InUse],
                (int)holds[(int)PortHold.Idle],
                (int)holds[(int)PortHold.TimeWait],
                (int)holds[(int)PortHold.OldTimeWait]
            )
        );
}
