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
        _ports.WriteAssignedTo(walk[TcpWalkLayout.AssignedAt..]);
        _ports.WriteBlockedTo(walk[TcpWalkLayout.BlockedAt..]);
        var written = new PortSet();
        foreach (var port in _services.Ports)
            written.Add(port);
        written.CopyTo(walk[TcpWalkLayout.WrittenAt..]);
    }

    /// <summary>True where the walk kept the retransmits of every socket that has any.</summary>
    public bool KnowsRetransmits { get; private set; }

    /// <summary>True where the walk passed connections of the kernel itself, such as that of an NFS client.</summary>
    public bool HasSomeOfKernel { get; private set; }

    /// <summary>Adds the value that the whole walk shares.</summary>
    public void AddWalk(ReadOnlySpan<byte> walk)
    {
        QueuedBytes += MemoryMarshal.Read<long>(walk[TcpWalkLayout.BytesAt..]);
        EstablishedWithoutTimer += MemoryMarshal.Read<long>(walk[TcpWalkLayout.WithoutTimerAt..]);
        Orphans += MemoryMarshal.Read<long>(walk[TcpWalkLayout.OrphansAt..]);
        KnowsRetransmits = MemoryMarshal.Read<ulong>(walk[TcpWalkLayout.UncountedAt..]) == 0;
        HasSomeOfKernel = MemoryMarshal.Read<ulong>(walk[TcpWalkLayout.OfKernelAt..]) != 0;
        _ports.AddBlocked(walk.Slice(TcpWalkLayout.BlockedAt, TcpWalkLayout.PortsLength));
    }

    /// <summary>Writes the settings for a walk of UDP sockets.</summary>
    public void WriteUdpTo(Span<byte> walk) => _ports.WriteAssignedTo(walk[UdpWalkLayout.AssignedAt..]);

    /// <summary>Adds the value that a whole walk of UDP sockets shares. Their states have no names.</summary>
    public void AddUdpWalk(ReadOnlySpan<byte> walk)
    {
        _states[0] += MemoryMarshal.Read<long>(walk[UdpWalkLayout.CountAt..]);
        if (_settings is not null)
        {
            _ports.AddUdp(
                walk.Slice(UdpWalkLayout.WaitingAt, TcpWalkLayout.PortsLength),
                walk.Slice(UdpWalkLayout.ConnectedAt, TcpWalkLayout.PortsLength),
                walk.Slice(UdpWalkLayout.ConnectedIPv4At, TcpWalkLayout.PortsLength)
            );
        }
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
    /// <param name="value">The value of the pair: the sockets of each <see cref="PortHold"/>, and the measures.</param>
    public void AddPair(SocketAddress source, Destination destination, uint index, ReadOnlySpan<byte> value)
    {
        var numbers = MemoryMarshal.Cast<byte, ulong>(value);
        _ports.AddPair(
            source,
            destination,
            index,
            new(
                (int)numbers[(int)PortHold.InUse],
                (int)numbers[(int)PortHold.Idle],
                (int)numbers[(int)PortHold.TimeWait],
                (int)numbers[(int)PortHold.OldTimeWait]
            )
            {
                Measures = new(
                    MemoryMarshal.Read<ulong>(value[TcpWalkLayout.RoundTripsAt..]),
                    (int)MemoryMarshal.Read<ulong>(value[TcpWalkLayout.MeasuredAt..]),
                    MemoryMarshal.Read<long>(value[TcpWalkLayout.RetransmitsAt..])
                ),
            }
        );
    }

    /// <inheritdoc cref="ConnectFold.Add(SocketRetransmits)"/>
    public void Add(SocketRetransmits socket) => _ports.Add(socket);

    /// <inheritdoc cref="PortFold.CountRetransmits"/>
    public void CountRetransmits(RetransmitCounts counts) => _ports.CountRetransmits(counts);
}
