using System.Net;
using System.Net.Sockets;

namespace OpenClaw.KernelTests;

/// <summary>
/// Relays connections into a namespace, for a browser outside: each connection here leads to the loopback there.
/// </summary>
sealed class NamespaceRelay : IDisposable
{
    readonly PrivateNamespace _netns;
    readonly int _port;
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stop = new();

    public NamespaceRelay(PrivateNamespace netns, int port)
    {
        (_netns, _port) = (netns, port);
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>The address of the relay.</summary>
    public string Address => $"http://{_listener.LocalEndpoint}";

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
            _ = RelayAsync(await _listener.AcceptSocketAsync(_stop.Token));
    }

    async Task RelayAsync(Socket outside)
    {
        var inside = _netns.Run(static () =>
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        );
        await inside.ConnectAsync(IPAddress.Loopback, _port, _stop.Token);
        using var outer = new NetworkStream(outside, ownsSocket: true);
        using var inner = new NetworkStream(inside, ownsSocket: true);
        await Task.WhenAny(outer.CopyToAsync(inner, _stop.Token), inner.CopyToAsync(outer, _stop.Token));
    }
}
