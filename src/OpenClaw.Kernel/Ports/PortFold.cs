using OpenClaw.Kernel.InetDiag;

namespace OpenClaw.Kernel.Ports;

/// <summary>
/// Collects the sockets of one protocol into its <see cref="EphemeralPorts"/>, for the settings of its start.
/// </summary>
sealed class PortFold(bool isTcp, int worst)
{
    readonly BindFold _bind = new();
    readonly ConnectFold? _connect = isTcp ? new() : null;
    readonly PortSet _listening = new();
    readonly PortSet _connected = new();
    readonly PortSet _connectedIPv4 = new();
    EphemeralPortSettings? _settings;

    public void Restart(EphemeralPortSettings? settings)
    {
        _settings = settings;
        _bind.Clear();
        _connect?.Clear();
        _listening.Clear();
        _connected.Clear();
        _connectedIPv4.Clear();
    }

    public void Add(in SocketRecord record)
    {
        if (_settings is null)
            return;
        var isAssigned = _settings.Includes(record.SourcePort);
        if (isTcp ? record.State == TcpState.Listen : record.HoldsPortWithoutConnection && !isAssigned)
            _listening.Add(record.SourcePort);
        if (!isAssigned)
            return;
        _bind.Add(record);
        _connect?.Add(record, _settings);
        if (isTcp || record.HoldsPortWithoutConnection)
            return;
        _connected.Add(record.SourcePort);
        if (record.Source.IsIPv4)
            _connectedIPv4.Add(record.SourcePort);
    }

    /// <summary>
    /// The part of the range that connect() or bind() may or may not take, 0 to 1. The sockets do not show it.
    /// </summary>
    public double Ambiguous =>
        _settings?.UsableCount() is > 0 and var usable
            ? Math.Max(_connect?.Ambiguous ?? 0, _bind.Ambiguous) / (double)usable
            : 0;

    /// <summary>Writes the ports that the kernel may assign, as a bitmap.</summary>
    public void WriteAssignedTo(Span<byte> assigned)
    {
        if (_settings is null)
            return;
        var ports = new PortSet();
        ports.Add(_settings.First, _settings.Last);
        ports.Remove(_settings.Reserved);
        ports.CopyTo(assigned);
    }

    /// <summary>Writes the ports that no connect() takes, as a bitmap.</summary>
    public void WriteBlockedTo(Span<byte> blocked) => _connect?.Blocked.CopyTo(blocked);

    /// <summary>Adds the ports of UDP sockets, as bitmaps.</summary>
    /// <param name="waiting">The ports with a socket that is not connected, which the kernel does not assign.</param>
    /// <param name="connected">The ports with a connected socket, which the kernel assigns.</param>
    /// <param name="connectedIPv4">The same for sockets at an IPv4 address.</param>
    public void AddUdp(ReadOnlySpan<byte> waiting, ReadOnlySpan<byte> connected, ReadOnlySpan<byte> connectedIPv4)
    {
        _listening.Add(waiting);
        _connected.Add(connected);
        _connectedIPv4.Add(connectedIPv4);
    }

    /// <inheritdoc cref="ConnectFold.AddBlocked"/>
    public void AddBlocked(ReadOnlySpan<byte> ports) => _connect?.AddBlocked(ports);

    /// <inheritdoc cref="BindFold.Add(SocketAddress, bool, ReadOnlySpan{byte})"/>
    public void AddPorts(SocketAddress source, bool isIPv6Only, ReadOnlySpan<byte> ports) =>
        _bind.Add(source, isIPv6Only, ports);

    /// <summary>Adds the sockets of a pair, at ports that are not blocked.</summary>
    public void AddPair(SocketAddress source, Destination destination, uint index, PairSockets sockets)
    {
        if (_settings is not null)
            _connect?.Add(source, destination, index, sockets, _settings);
    }

    /// <inheritdoc cref="ConnectFold.Add(SocketRetransmits)"/>
    public void Add(SocketRetransmits socket) => _connect?.Add(socket);

    /// <inheritdoc cref="ConnectFold.CountRetransmits"/>
    public void CountRetransmits(RetransmitCounts counts) => _connect?.CountRetransmits(counts);

    /// <summary>Returns the result for the sockets added since the restart.</summary>
    /// <param name="settings">The settings of its start.</param>
    /// <param name="sawAll">False when this kernel hides some sockets that hold ports, so that every row is only a
    /// lower bound.</param>
    public EphemeralPorts ToEphemeralPorts(EphemeralPortSettings settings, bool sawAll)
    {
        var losesOne = _connect is not null && settings.LosesOnePort;
        var limit = Math.Max(settings.UsableCount() - (losesOne ? 1 : 0), 0);
        var exact = sawAll && !losesOne;
        var bind = _bind.ToBindPorts(limit, exact, worst);

        // Without a connection to distinguish callers, connect() of an unbound UDP socket first binds it to its
        // wildcard.
        var connect = _connect?.ToConnectPorts(limit, exact, worst)
            ??
            [
                .. bind.Take(2)
                    .Select(wildcard => new ConnectPorts(wildcard.Address, null, 0, wildcard.Used, wildcard.IsExact)
                    {
                        Own = Math.Min((wildcard.Address.IsIPv4 ? _connectedIPv4 : _connected).Count, wildcard.Used),
                    }),
            ];
        var listening = _listening.ToPorts();
        return new(limit, connect, bind) { Listening = listening.Count(settings.Includes), ListeningPorts = listening };
    }
}
