using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.KernelTests;

/// <summary>
/// Performs a mix in the calling thread's namespace. Compares the exporter's number of free ports with the number of
/// calls that then succeed.
/// </summary>
sealed class PortTrial : IDisposable
{
    /// <summary>
    /// The age from which TIME_WAIT ports may be reused: either short enough to wait for, or longer than any trial.
    /// </summary>
    static readonly TimeSpan ShortDelay = TimeSpan.FromMilliseconds(20);
    static readonly TimeSpan LongDelay = TimeSpan.FromSeconds(50);

    readonly PortMix _mix;
    readonly ImmutableArray<Reader> _readers;
    readonly bool _knowsBinds;
    readonly List<RawSocket> _open = [];
    readonly RawSocket[] _listeners;

    RawSocket? _accepted;

    /// <summary>
    /// Ports that a socket was bound to explicitly before it connected: inet_diag does not show the bind.
    /// </summary>
    readonly HashSet<ushort> _boundAndConnected = [];

    /// <summary>Performs a mix.</summary>
    /// <param name="mix">The mix.</param>
    /// <param name="readers">The readers that are compared with the kernel.</param>
    /// <param name="knowsBinds">True where they see which connected sockets were bound explicitly.</param>
    public PortTrial(PortMix mix, ImmutableArray<Reader> readers, bool knowsBinds)
    {
        (_mix, _readers, _knowsBinds) = (mix, readers, knowsBinds);
        Write(
            "net/ipv4/ip_local_port_range",
            string.Create(CultureInfo.InvariantCulture, $"{PortMix.FirstPort} {PortMix.FirstPort + mix.RangeSize - 1}")
        );
        Write(
            "net/ipv4/ip_local_reserved_ports",
            string.Join(',', mix.Reserved.Select(static offset => PortMix.FirstPort + offset))
        );
        Write("net/ipv4/tcp_tw_reuse", mix.Reuse.ToString(CultureInfo.InvariantCulture));
        Write(
            "net/ipv4/tcp_tw_reuse_delay",
            (mix.Aged ? ShortDelay : LongDelay).TotalMilliseconds.ToString(CultureInfo.InvariantCulture)
        );
        Write("net/ipv4/tcp_timestamps", mix.Timestamps ? "1" : "0");
        _listeners =
        [
            .. PortMix.Destinations.Select(static destination =>
            {
                var isIPv6 = destination.AddressFamily == AddressFamily.InterNetworkV6;
                var listener = RawSocket.Open(SocketType.Stream, isIPv6);
                if (isIPv6)
                    listener.IPv6Only = true;
                Assert.Equal(0, listener.Bind(destination.Address, (ushort)destination.Port));
                listener.Listen();
                return listener;
            }),
        ];
        foreach (var act in mix.Acts)
        {
            for (var i = 0; i < act.Count; i++)
                Do(act);
        }

        Settle();
        if (mix.Aged)
            Thread.Sleep(ShortDelay * 3);
    }

    /// <summary>The number of comparisons with a reading that is marked exact.</summary>
    public int ExactRows { get; private set; }

    /// <summary>The number of comparisons with a reading of TCP that is marked as a bound.</summary>
    public int BoundRows { get; private set; }

    /// <summary>Contradictions between the exporter and the kernel, in words; none is expected.</summary>
    public IEnumerable<string> Contradictions()
    {
        foreach (var (index, destination) in PortMix.Destinations.Index())
        {
            yield return Compare(
                $"connect to {destination}",
                RawSocket.EADDRNOTAVAIL,
                () => ConnectRow(destination, null),
                () => OpenTo(index, null)
            );
            if (destination.AddressFamily == AddressFamily.InterNetwork)
            {
                yield return Compare(
                    $"connect to {destination} through IPv6",
                    RawSocket.EADDRNOTAVAIL,
                    () => ConnectRow(destination, null),
                    () => OpenTo(index, null, mapped: true)
                );
                var source = IPAddress.Parse("127.0.0.2");
                yield return Compare(
                    $"connect from {source} to {destination}",
                    RawSocket.EADDRNOTAVAIL,
                    () => ConnectRow(destination, source),
                    () => OpenTo(index, source)
                );
            }
        }

        foreach (var (address, isIPv6Only) in PortMix.BindAddresses.Take(5))
        {
            yield return Compare(
                $"bind {address}",
                RawSocket.EADDRINUSE,
                () => BindRow(Read<TcpSockets>().Ports.Value, address, LosesOne, _knowsBinds),
                () => OpenBound(SocketType.Stream, address, isIPv6Only)
            );
            yield return Compare(
                $"UDP bind {address}",
                RawSocket.EADDRINUSE,
                () => BindRow(Read<UdpSockets>().Ports.Value, address, false),
                () => OpenBound(SocketType.Dgram, address, isIPv6Only)
            );
        }

        yield return Compare(
            "UDP connect",
            RawSocket.EAGAIN,
            () => UdpConnectRow(IPAddress.Any),
            () => OpenUdp(PortMix.Destinations[0], false)
        );
        yield return Compare(
            "UDP connect through IPv6",
            RawSocket.EAGAIN,
            () => UdpConnectRow(IPAddress.IPv6Any),
            () => OpenUdp(PortMix.Destinations[3], true)
        );
    }

    public void Dispose()
    {
        foreach (var socket in _open.Concat(_listeners))
            socket.Dispose();
    }

    string Compare(string call, int expectedError, Func<Row> read, Func<(RawSocket Socket, int Error)> open)
    {
        var isTcp = !call.StartsWith("UDP", StringComparison.Ordinal);
        var (free, isExact, hidden, losesOne) = read();
        var established = Read<TcpSockets>()[TcpState.Established];
        var given = new List<RawSocket>();
        int error;
        while (true)
        {
            var (socket, result) = open();
            error = result;
            if (result != 0)
            {
                socket.Dispose();
                break;
            }

            given.Add(socket);
        }

        foreach (var socket in given)
            socket.Abort();
        Settle(established);
        if (error != expectedError)
            return $"{call}: failed with error {error} instead of {expectedError}";
        if (isExact)
        {
            ExactRows++;
            return given.Count == free ? "" : $"{call}: exactly {free} free, but the kernel gave {given.Count}";
        }

        if (isTcp)
            BoundRows++;
        if (_knowsBinds && isTcp && !losesOne && hidden == 0)
            return $"{call}: {free} free are not marked as exact";

        // The upper bound is tight, except for hidden ports and for the one that an odd range may give after all.
        if (given.Count > free + (losesOne ? 1 : 0))
            return $"{call}: at most {free} free, but the kernel gave {given.Count}";
        return given.Count < free - hidden
            ? $"{call}: {free} free less {hidden} that are hidden, but the kernel gave only {given.Count}"
            : "";
    }

    /// <summary>
    /// Waits until no packet is in flight. A busy machine delivers loopback's packets late. An unanswered FIN would
    /// move a socket to another hash entry in the middle of a dump. A pending reset would leave the far end of a
    /// connection behind.
    /// </summary>
    void Settle(long? established = null)
    {
        var previous = Read<TcpSockets>();
        while (true)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            Thread.Sleep(1);
            var now = Read<TcpSockets>();
            var moving =
                now[TcpState.SynSent]
                + now[TcpState.SynRecv]
                + now[TcpState.FinWait1]
                + now[TcpState.Closing]
                + now[TcpState.LastAck];
            if (
                moving == 0
                && now[TcpState.Established] == (established ?? now[TcpState.Established])
                && now.States.SequenceEqual(previous.States)
            )
            {
                return;
            }

            previous = now;
        }
    }

    Row ConnectRow(IPEndPoint destination, IPAddress? source)
    {
        var ports = Read<TcpSockets>().Ports.Value;
        source ??=
            destination.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback;
        var text = destination.ToString();
        var row = ports.Connect.FirstOrDefault(row =>
            row.Destination?.ToString() == text && row.Source?.ToString() == source.ToString()
        ) ?? ports.Connect.Single(static row => row.Destination is null);
        return new(ports.Limit - row.Used, row.IsExact, _knowsBinds ? 0 : _boundAndConnected.Count, LosesOne);
    }

    static Row BindRow(EphemeralPorts ports, IPAddress address, bool losesOne, bool knowsAll = false)
    {
        var text = address.ToString();
        var row = ports.Bind.FirstOrDefault(row => row.Address.ToString() == text);

        // Only addresses with sockets are listed. For others the limit is the only bound. A limit of 0 is exact, unless
        // it is 0 because an odd range may lose its only port.
        if (row is null)
            return new(ports.Limit, ports.Limit == 0 && !losesOne, ports.Limit, losesOne);
        return new(ports.Limit - row.Used, row.IsExact, row.IsExact || knowsAll ? 0 : ports.Limit, losesOne);
    }

    Row UdpConnectRow(IPAddress wildcard)
    {
        var ports = Read<UdpSockets>().Ports.Value;
        var row = ports.Connect.Single(row => row.Source?.ToString() == wildcard.ToString());
        return new(ports.Limit - row.Used, row.IsExact, row.IsExact ? 0 : ports.Limit, false);
    }

    bool LosesOne => _mix.RangeSize > 1 && _mix.RangeSize % 2 == 1;

    T Read<T>() => SamplingPass.Read<T>(_readers, Deadline.After(TimeSpan.FromSeconds(10))).Value;

    /// <summary>Performs one action. A call that fails because no port is left is part of the mix.</summary>
    void Do(PortAct act)
    {
        var (address, isIPv6Only) = PortMix.BindAddresses[act.Address];
        switch (act.Kind)
        {
            case PortActKind.Connect:
                Keep(OpenTo(act.Destination, null, act.Mapped));
                break;
            case PortActKind.ConnectFromAddress:
                Keep(OpenTo(act.Destination, SourceFor(act), act.Mapped));
                break;
            case PortActKind.BindThenConnect:
                KeepHidden(OpenTo(act.Destination, SourceFor(act), bindsPort: true));
                break;
            case PortActKind.Bind:
                Keep(OpenBound(SocketType.Stream, address, isIPv6Only, act.Mapped));
                break;
            case PortActKind.Listen:
                Keep(OpenBound(SocketType.Stream, address, isIPv6Only, act.Mapped))?.Listen();
                break;
            case PortActKind.AcceptOnEphemeralPort:
                _ = AcceptOne();
                break;
            case PortActKind.AcceptThenCloseListener:
                if (AcceptOne() is { } listener)
                {
                    _boundAndConnected.Add(listener.LocalPort);
                    listener.Dispose();
                }

                break;
            case PortActKind.TimeWait:
                CloseGently(OpenTo(act.Destination, null, act.Mapped), bothSides: true);
                break;
            case PortActKind.TimeWaitAfterBind:
                var bound = OpenTo(act.Destination, SourceFor(act), bindsPort: true);
                if (bound.Error == 0)
                    _boundAndConnected.Add(bound.Socket.LocalPort);
                CloseGently(bound, bothSides: true);
                break;
            case PortActKind.OrphanedFinWait2:
                CloseGently(OpenTo(act.Destination, null, act.Mapped), bothSides: false);
                break;
            case PortActKind.UdpBind:
                Keep(OpenBound(SocketType.Dgram, address, isIPv6Only, act.Mapped));
                break;
            case PortActKind.UdpConnect:
                Keep(OpenUdp(PortMix.Destinations[act.Destination], act.Mapped));
                break;
        }
    }

    static IPAddress SourceFor(PortAct act)
    {
        if (PortMix.Destinations[act.Destination].AddressFamily == AddressFamily.InterNetworkV6)
            return IPAddress.IPv6Loopback;
        return act.Address % 2 == 0 ? IPAddress.Loopback : IPAddress.Parse("127.0.0.2");
    }

    (RawSocket Socket, int Error) OpenTo(
        int destination,
        IPAddress? source,
        bool mapped = false,
        bool bindsPort = false
    )
    {
        var endpoint = PortMix.Destinations[destination];
        var socket = RawSocket.Open(
            SocketType.Stream,
            mapped || endpoint.AddressFamily == AddressFamily.InterNetworkV6
        );
        if (source is not null)
        {
            socket.BindAddressNoPort = !bindsPort;
            if (socket.Bind(source, 0) is var bindError and not 0)
                return (socket, bindError);
        }

        var error = socket.Connect(endpoint.Address, (ushort)endpoint.Port);
        if (error == 0)
            _open.Add(_accepted = _listeners[destination].Accept());
        return (socket, error);
    }

    static (RawSocket Socket, int Error) OpenBound(
        SocketType type,
        IPAddress address,
        bool isIPv6Only,
        bool mapped = false
    )
    {
        var isIPv6 = address.AddressFamily == AddressFamily.InterNetworkV6;

        var socket = RawSocket.Open(type, isIPv6 || mapped);
        if (isIPv6)
            socket.IPv6Only = isIPv6Only;
        return (socket, socket.Bind(address, 0));
    }

    static (RawSocket Socket, int Error) OpenUdp(IPEndPoint destination, bool mapped)
    {
        var socket = RawSocket.Open(
            SocketType.Dgram,
            mapped || destination.AddressFamily == AddressFamily.InterNetworkV6
        );
        return (socket, socket.Connect(destination.Address, (ushort)destination.Port));
    }

    /// <summary>
    /// A listener on an ephemeral port with one connection from outside the range; null when no port was left.
    /// </summary>
    RawSocket? AcceptOne()
    {
        var listener = Keep(OpenBound(SocketType.Stream, IPAddress.Loopback, false));
        if (listener is null)
            return null;
        listener.Listen();
        var client = RawSocket.Open(SocketType.Stream, false);
        _open.Add(client);
        for (ushort port = 20000; client.Bind(IPAddress.Loopback, port) != 0; )
            port++;
        Assert.Equal(0, client.Connect(IPAddress.Loopback, listener.LocalPort));
        _open.Add(listener.Accept());
        return listener;
    }

    RawSocket? Keep((RawSocket Socket, int Error) opened)
    {
        _open.Add(opened.Socket);
        if (opened.Error == 0)
            return opened.Socket;
        opened.Socket.Dispose();
        return null;
    }

    void KeepHidden((RawSocket Socket, int Error) opened)
    {
        if (Keep(opened) is { } socket)
            _boundAndConnected.Add(socket.LocalPort);
    }

    /// <summary>
    /// Closes the client first, so that its end, not the server's, goes through FIN_WAIT2 to TIME_WAIT.
    /// </summary>
    void CloseGently((RawSocket Socket, int Error) opened, bool bothSides)
    {
        opened.Socket.Dispose();
        if (opened.Error == 0 && bothSides)
            _accepted!.Dispose();
    }

    static void Write(string sysctl, string value) => File.WriteAllText("/proc/sys/" + sysctl, value);

    /// <summary>The exporter's reading for one kind of call.</summary>
    /// <param name="Free">The number of free ports.</param>
    /// <param name="IsExact">True where the reading is marked exact.</param>
    /// <param name="Hidden">The number of free ports that may be used invisibly.</param>
    /// <param name="LosesOne">True for a range of odd size.</param>
    sealed record Row(int Free, bool IsExact, int Hidden, bool LosesOne);
}
