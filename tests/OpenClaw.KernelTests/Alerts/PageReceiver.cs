using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace OpenClaw.KernelTests;

/// <summary>A webhook in a namespace, which an Alertmanager there notifies.</summary>
static class PageReceiver
{
    /// <summary>Where it listens once it was started.</summary>
    public const string Address = "http://127.0.0.1:9099";

    /// <summary>Makes one, which is not started yet.</summary>
    /// <param name="netns">Where it listens.</param>
    /// <param name="received">Called for each alert of each notification.</param>
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
