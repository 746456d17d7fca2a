// The application of the container tests, watched by the exporter. A second instance of it receives the pages.
//   PUT /connections?to=ADDRESS:PORT   connects until the kernel refuses twice; returns the number of connections
//   DELETE /connections                frees their ports at once
//   POST /pages, GET /pages            the messages of Alertmanager, a JSON document per line
// Port 9000 is a destination for connections.
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

const int Control = 8080;
const int Destination = 9000;

using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
listener.Bind(new IPEndPoint(IPAddress.Any, Destination));
listener.Listen(4096); // Nothing is accepted: the kernel completes connections up to the backlog.

var connections = new ConcurrentStack<Socket>();
var pages = new ConcurrentQueue<string>();
var builder = WebApplication.CreateEmptyBuilder(new());
builder.WebHost.UseKestrelCore().ConfigureKestrel(static options => options.Listen(IPAddress.Any, Control));
builder.Services.AddRoutingCore();
await using var application = builder.Build();
application.UseRouting();

application.MapPut("/connections", async context =>
{
    var to = IPEndPoint.Parse(context.Request.Query["to"].ToString());
    for (var refused = 0; refused < 2; )
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(to);
            connections.Push(socket);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            socket.Dispose();
            refused++;
            await Task.Delay(100); // The exporter's probe may have held the last port.
        }
    }

    await context.Response.WriteAsync($"{connections.Count}");
});
application.MapDelete("/connections", _ =>
{
    while (connections.TryPop(out var socket))
    {
        socket.LingerState = new(true, 0); // Reset the connection: a close would leave it in TIME_WAIT for a minute.
        socket.Dispose();
    }

    return Task.CompletedTask;
});
application.MapPost("/pages", async context =>
{
    using var reader = new StreamReader(context.Request.Body);
    pages.Enqueue((await reader.ReadToEndAsync()).ReplaceLineEndings(" "));
});
application.MapGet("/pages", context => context.Response.WriteAsync(string.Join('\n', pages)));
await application.RunAsync();
