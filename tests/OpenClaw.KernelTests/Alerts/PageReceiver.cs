using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace OpenClaw.KernelTests;

/// <summary>A webhook receiver in a namespace, for an Alertmanager there.</summary>
static class PageReceiver
{
    /// <summary>The address on which it listens once started.</summary>
    public const string Address = "http://127.0.0.1:9099";

    /// <summary>Creates a receiver that is not started yet.</summary>
    /// <param name="netns">The namespace in which it listens.</param>
    /// <param name="received">The callback for each alert of each notification.</param>
    public static WebApplication Create(PrivateNamespace netns, Action<Page> received)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Address);
        builder.WebHost.UseSockets(options =>
            options.CreateBoundListenSocket = endpoint =>
                netns.Run(() => SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint))
        );
        var webhook = builder.Build();
        webhook.MapPost("/", async (HttpContext context) =>
        {
            foreach (var page in await Page.ParseAsync(context.Request.Body, context.RequestAborted))
                received(page);
        });
        return webhook;
    }
}
