using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace OpenClaw.Exporter.Verification;

/// <summary>
/// Opens connections at a steady rate, and holds them. It runs on the calling thread, whose network namespace the
/// sockets belong to. All end with a reset, so that none stays in TIME_WAIT.
/// </summary>
/// <param name="target">The address; null for a listener of its own on loopback.</param>
/// <param name="connections">The number of connections.</param>
/// <param name="time">The time of the test. The connections are opened in its first half.</param>
sealed class ConnectionLoad(IPEndPoint? target, int connections, TimeSpan time)
{
    const int Backlog = 128;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    readonly List<double> _milliseconds = [];
    readonly List<string> _failures = [];
    readonly List<Socket> _sockets = [];

    /// <summary>The number of connections that were open at the same time.</summary>
    public int Peak { get; private set; }

    /// <summary>The name of the error of each failed attempt.</summary>
    public IReadOnlyList<string> Failures => _failures;

    /// <summary>The milliseconds that each successful connect() took.</summary>
    public IReadOnlyList<double> Milliseconds => _milliseconds;

    /// <summary>Runs the load to its end.</summary>
    /// <param name="stop">Ends it early.</param>
    public void Run(CancellationToken stop)
    {
        var start = Stopwatch.GetTimestamp();
        var listener = target is null ? Listen() : null;
        try
        {
            if (target is null && listener is null)
                return;
            var address = target ?? (IPEndPoint)listener!.LocalEndPoint!;
            for (var i = 0; i < connections; i++)
            {
                var due = time / 2 * i / connections;
                if (due - Stopwatch.GetElapsedTime(start) is { Ticks: > 0 } early && stop.WaitHandle.WaitOne(early))
                    return;
                if (stop.IsCancellationRequested)
                    return;
                if (Connect(address) && listener is not null)
                    Accept(listener);
            }

            if (time - Stopwatch.GetElapsedTime(start) is { Ticks: > 0 } rest)
                stop.WaitHandle.WaitOne(rest);
        }
        finally
        {
            // The clients first: their resets end the accepted sockets too.
            foreach (var socket in _sockets)
                socket.Dispose();
            listener?.Dispose();
        }
    }

    Socket? Listen()
    {
        if (ListenAt(IPAddress.Loopback, out var error) is { } listener)
            return listener;

        // The address is missing, as on a host with IPv6 alone: a lack of ports is EADDRINUSE.
        if (error == SocketError.AddressNotAvailable && ListenAt(IPAddress.IPv6Loopback, out _) is { } other)
            return other;
        _failures.Add(NameOf(error));
        return null;
    }

    static Socket? ListenAt(IPAddress address, out SocketError error)
    {
        Socket? listener = null;
        error = SocketError.Success;
        try
        {
            listener = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(address, 0));
            listener.Listen(Backlog);
            return listener;
        }
        catch (SocketException failure)
        {
            listener?.Dispose();
            error = failure.SocketErrorCode;
            return null;
        }
    }

    bool Connect(IPEndPoint address)
    {
        Socket? socket = null;
        try
        {
            socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
            {
                Blocking = false,
                LingerState = new(true, 0),
            };
            var start = Stopwatch.GetTimestamp();
            try
            {
                socket.Connect(address);
            }
            catch (SocketException error)
                when (error.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
                if (!socket.Poll(Patience, SelectMode.SelectWrite))
                    throw new SocketException((int)SocketError.TimedOut);
                var result = (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
                if (result != 0)
                    throw new SocketException(result);
            }

            _milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            _sockets.Add(socket);
            Peak++;
            return true;
        }
        catch (SocketException error)
        {
            socket?.Dispose();
            _failures.Add(NameOf(error.SocketErrorCode));
            return false;
        }
    }

    void Accept(Socket listener)
    {
        try
        {
            var accepted = listener.Accept();
            accepted.LingerState = new(true, 0);
            _sockets.Add(accepted);
        }
        catch (SocketException error)
        {
            _failures.Add(NameOf(error.SocketErrorCode));
        }
    }

    /// <summary>EMFILE of errno.h.</summary>
    const int EntriesOfProcess = 24;

    /// <summary>ENFILE of errno.h.</summary>
    const int EntriesOfMachine = 23;

    /// <summary>
    /// Returns the errno of a lack of descriptors: the process's own or the machine's. .NET has a single name for both
    /// where a socket fails. Another open fails for the same reason, and .NET returns its errno.
    /// </summary>
    static string NameOfDescriptorLimit()
    {
        try
        {
            using var file = File.OpenHandle("/dev/null");
            return "EMFILE or ENFILE";
        }
        catch (IOException error)
        {
            return error.HResult switch
            {
                EntriesOfProcess => "EMFILE",
                EntriesOfMachine => "ENFILE",
                _ => "EMFILE or ENFILE",
            };
        }
    }

    static string NameOf(SocketError error) =>
        error switch
        {
            SocketError.AddressNotAvailable => "EADDRNOTAVAIL",
            SocketError.AddressAlreadyInUse => "EADDRINUSE",
            SocketError.TooManyOpenSockets => NameOfDescriptorLimit(),
            SocketError.ConnectionRefused => "ECONNREFUSED",
            SocketError.ConnectionReset => "ECONNRESET",
            SocketError.TimedOut => "ETIMEDOUT",
            SocketError.NoBufferSpaceAvailable => "ENOBUFS",
            SocketError.NetworkUnreachable => "ENETUNREACH",
            SocketError.HostUnreachable => "EHOSTUNREACH",
            SocketError.AccessDenied => "EACCES",
            _ => error.ToString(),
        };
}
