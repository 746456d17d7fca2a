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
