using System.Collections.Immutable;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Ports;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// Collects the sockets of one protocol from a dump or from files. Its memory does not grow with their number.
/// </summary>
/// <param name="isTcp">TCP or UDP.</param>
/// <param name="worst">The number of destinations, addresses and listeners that are kept by name.</param>
/// <param name="servicePorts">The ports of known services, whose sockets are kept.</param>
sealed partial class SocketFold(bool isTcp, int worst, ServicePortList? servicePorts = null) : ISocketFold
{
    const int StateCount = (int)TcpState.Closing;

    readonly long[] _states = new long[StateCount];
    readonly PortFold _ports = new(isTcp, worst);
    readonly ListenerFold? _listeners = isTcp ? new(worst) : null;
    readonly CgroupFold? _cgroups = isTcp ? new() : null;
    readonly ServicePortFold _services = new(servicePorts ?? new());
    EphemeralPortSettings? _settings;

    public bool IsTcp => isTcp;

    /// <summary>The sockets by state. The names of the states apply only to TCP.</summary>
    public ReadOnlySpan<long> States => _states;

    /// <summary>Established sockets without a running timer.</summary>
    public long EstablishedWithoutTimer { get; private set; }

    /// <summary>
    /// Closing sockets without a process. Without the small sockets that replace them in TIME_WAIT and FIN_WAIT2.
    /// </summary>
    public long Orphans { get; private set; }

    /// <summary>Bytes that wait in connections.</summary>
    public long QueuedBytes { get; private set; }

    /// <summary>Restarts; without settings, sockets are only counted.</summary>
    public void Restart(EphemeralPortSettings? settings)
    {
        _settings = settings;
        Restart();
    }

    /// <summary>Restarts with the same settings.</summary>
    public void Restart()
    {
        Array.Clear(_states);
        _ports.Restart(_settings);
        _listeners?.Clear();
        _cgroups?.Clear();
        _services.Clear();
        EstablishedWithoutTimer = 0;
        Orphans = 0;
        QueuedBytes = 0;
    }

    public bool TryAdd(ReadOnlySpan<byte> payload) => SocketRecord.TryRead(payload, out var record) && TryAdd(record);

    /// <summary>Takes one socket. Returns false when its state is not a documented one.</summary>
    public bool TryAdd(in SocketRecord record)
    {
        var state = (int)record.State - 1;
        if ((uint)state >= StateCount)
            return false;
        _states[state]++;
        _ports.Add(record);
        _cgroups?.Add(record);
        _services.Add(record);
        if (record.State == TcpState.Listen)
        {
            _listeners?.Add(record);
            return true;
        }

        QueuedBytes += record.QueuedBytes;
        if (record.State == TcpState.Established && !record.HasTimer)
            EstablishedWithoutTimer++;
        else if (record.IsOrphan)
            Orphans++;
        return true;
    }

    /// <summary>Returns TCP sockets by cgroup, and those of the cgroups above the limit.</summary>
    public (ImmutableArray<CgroupSockets> Cgroups, CgroupSockets Others) ToCgroups() =>
        _cgroups is null ? ([], default) : (_cgroups.ToCgroups(), _cgroups.Rest);

    /// <summary>Returns the fullest listeners, worst first; none for UDP.</summary>
    public ImmutableArray<Listener> ToListeners() => _listeners?.ToListeners() ?? [];

    /// <summary>Returns the sockets at the ports of known services.</summary>
    public ImmutableArray<ServicePortSocket> ToServicePorts() => _services.ToSockets();

    public EphemeralPorts ToEphemeralPorts(EphemeralPortSettings settings, bool sawAll) =>
        _ports.ToEphemeralPorts(settings, sawAll);
}
