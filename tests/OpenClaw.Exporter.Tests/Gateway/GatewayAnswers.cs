using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OpenClaw.Exporter.Tests;

/// <summary>A server that answers each path with a fixed status and body, and remembers what it was sent.</summary>
sealed class GatewayAnswers : IDisposable
{
    readonly TcpListener _listener;
    readonly Func<string, (int Status, string Body)> _answer;
    readonly List<string> _requests = [];

    public GatewayAnswers(IPAddress address, Func<string, (int Status, string Body)> answer)
    {
        _answer = answer;
        _listener = new(address, 0);
        _listener.Start();
        _ = AcceptAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
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

    async Task AnswerAsync(Socket socket)
    {
        using var connection = socket;
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var count)
        {
            var request = Encoding.ASCII.GetString(buffer, 0, count);
            lock (_requests)
                _requests.Add(request);
            var (status, body) = _answer(request.Split(' ')[1]);
            var answer = $"HTTP/1.1 {status} x\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";
            _ = await socket.SendAsync(Encoding.UTF8.GetBytes(answer), TestContext.Current.CancellationToken);
        }
    }
}
