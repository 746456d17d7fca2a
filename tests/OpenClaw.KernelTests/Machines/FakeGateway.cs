using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OpenClaw.KernelTests;

/// <summary>A server in a namespace that answers health and readiness as the Gateway does.</summary>
sealed class FakeGateway : IDisposable
{
    public const ushort Port = 18789;

    const string Live = "{\"ok\":true,\"status\":\"live\"}";
    const string Ready =
        "{\"ready\":true,\"failing\":[],\"uptimeMs\":1000,\"eventLoop\":{\"delayP99Ms\":20,\"utilization\":0.1}}";

    readonly TcpListener _listener;

    public FakeGateway(PrivateNamespace netns)
    {
        _listener = netns.Run(static () =>
        {
            var listener = new TcpListener(IPAddress.Loopback, Port);
            listener.Start();
            return listener;
        });
        _ = AcceptAsync();
    }

    public void Dispose() => _listener.Dispose();

    async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = AnswerAsync(await _listener.AcceptSocketAsync(TestContext.Current.CancellationToken));
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The test is over.
        }
    }

    static async Task AnswerAsync(Socket socket)
    {
        using var connection = socket;
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var count)
        {
            var path = Encoding.ASCII.GetString(buffer, 0, count).Split(' ')[1];
            var body = path == "/readyz" ? Ready : Live;
            var answer = $"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}";
            _ = await socket.SendAsync(Encoding.ASCII.GetBytes(answer), TestContext.Current.CancellationToken);
        }
    }
}
