using System.Collections.Immutable;
using OpenClaw.Kernel.InetDiag;

namespace OpenClaw.Kernel.Ports;

/// <summary>
/// Collects the ports that bind() to port 0 cannot take, for the wildcards and each address in use. A port is taken
/// when any socket on it, in any state, has an overlapping address. The kernel's rule is inet_rcv_saddr_equal().
/// </summary>
sealed class BindFold
{
    /// <summary>
    /// The limit on addresses that are followed one by one, 8 KiB each. A machine with more local addresses in use
    /// shows only the first.
    /// </summary>
    const int AddressesAtMost = 256;

    readonly PortSet _all = new();
    readonly PortSet _certainIPv4 = new();
    readonly PortSet _possibleIPv4 = new();
    readonly PortSet _wildcardIPv4 = new();
    readonly PortSet _wildcardIPv6 = new();
    readonly Dictionary<SocketAddress, PortSet> _byAddress = [];
    readonly Stack<PortSet> _spare = [];

    public void Clear()
    {
        _all.Clear();
        _certainIPv4.Clear();
        _possibleIPv4.Clear();
        _wildcardIPv4.Clear();
        _wildcardIPv6.Clear();
        foreach (var ports in _byAddress.Values)
        {
            ports.Clear();
            _spare.Push(ports);
        }

        _byAddress.Clear();
    }

    public void Add(in SocketRecord record)
    {
        var port = record.SourcePort;
        var source = record.Source;
        _all.Add(port);
        if (source.IsIPv4)
        {
            _certainIPv4.Add(port);
            if (source == SocketAddress.AnyIPv4)
                _wildcardIPv4.Add(port);
        }
        else
        {
            // The kernel does not report whether a connected IPv6 socket refuses IPv4. It probably does not.
            switch (record.IsIPv6Only)
            {
                case false:
                    _certainIPv4.Add(port);
                    if (source == SocketAddress.AnyIPv6)
                        _wildcardIPv4.Add(port);
                    break;
                case null:
                    _possibleIPv4.Add(port);
                    break;
            }

            if (source == SocketAddress.AnyIPv6)
                _wildcardIPv6.Add(port);
        }

        if (source != SocketAddress.AnyIPv4 && source != SocketAddress.AnyIPv6)
            PortsOf(source)?.Add(port);
    }

    /// <summary>Adds the ports of sockets at an address.</summary>
    /// <param name="source">The local address.</param>
    /// <param name="isIPv6Only">True where these sockets refuse IPv4.</param>
    /// <param name="ports">The ports, as a bitmap.</param>
    public void Add(SocketAddress source, bool isIPv6Only, ReadOnlySpan<byte> ports)
    {
        _all.Add(ports);
        if (source.IsIPv4 || !isIPv6Only)
            _certainIPv4.Add(ports);
        if (source != SocketAddress.AnyIPv4 && source != SocketAddress.AnyIPv6)
        {
            PortsOf(source)?.Add(ports);
            return;
        }

        if (source == SocketAddress.AnyIPv6)
            _wildcardIPv6.Add(ports);
        if (source == SocketAddress.AnyIPv4 || !isIPv6Only)
            _wildcardIPv4.Add(ports);
    }

    /// <summary>The number of ports that may or may not be free for IPv4.</summary>
    public int Ambiguous => _certainIPv4.ContainsAll(_possibleIPv4) ? 0 : _possibleIPv4.Count;

    /// <summary>Returns the wildcards, then the specific addresses with the most ports taken.</summary>
    public ImmutableArray<BindPorts> ToBindPorts(int limit, bool exactLimit, int worst)
    {
        BindPorts Row(SocketAddress address, int taken, bool exact = true) =>
            new(address, Math.Min(taken, limit), exact && exactLimit);

        var specific = _byAddress
            .Select(entry => Row(entry.Key, entry.Value.CountUnion(entry.Key.IsIPv4 ? _wildcardIPv4 : _wildcardIPv6)))
            .OrderByDescending(static row => row.Used)
            .ThenBy(static row => row.Address)
            .Take(worst);
        return
        [
            Row(SocketAddress.AnyIPv4, _certainIPv4.Count, Ambiguous == 0),
            Row(SocketAddress.AnyIPv6, _all.Count),
            .. specific,
        ];
    }

    PortSet? PortsOf(SocketAddress address)
    {
        if (_byAddress.TryGetValue(address, out var ports))
            return ports;
        if (_byAddress.Count == AddressesAtMost)
            return null;
        ports = _spare.TryPop(out var spare) ? spare : new();
        _byAddress.Add(address, ports);
        return ports;
    }
}
