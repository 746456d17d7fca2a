using System.Globalization;
using Microsoft.AspNetCore.ResponseCompression;
using OpenClaw.Exporter.Web;
using Prometheus;

namespace OpenClaw.Exporter.Metrics;

/// <summary>GET /metrics: text 0.0.4 or OpenMetrics 1.0 as the scraper asks, compressed if it can.</summary>
static class MetricsEndpoint
{
    /// <summary>How long readers are waited for when whoever asks does not say.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);

    /// <summary>What the answer itself may take of the time that Prometheus allows.</summary>
    static readonly TimeSpan Reserve = TimeSpan.FromMilliseconds(500);

    public static void AddMetricsCompression(this IServiceCollection services) =>
        services.AddResponseCompression(static options =>
        {
            options.EnableForHttps = true;
            options.MimeTypes = ["text/plain", "application/openmetrics-text"];
            options.Providers.Add<GzipCompressionProvider>();
        });

    public static void MapExposition(this WebApplication application, string path) =>
        application.MapRead(path, static async context =>
        {
            var current = context.RequestServices.GetRequiredService<CurrentExposition>();
            var selection = CollectorSelection.Parse(context.Request.Query, current.Readers);
            if (selection.Mistake is { } mistake)
            {
                context.Response.StatusCode = StatusCodes.Status400BadRequest;
                await context.Response.WriteAsync(mistake + "\n");
                return;
            }

            var exposition = await current.GetAsync(Timeout(context.Request), selection.Wanted);

            // The library's own middleware negotiates and serialises; only its registry is this exposition's.
            var middleware = new MetricServerMiddleware(
                static _ => Task.CompletedTask,
                new MetricServerMiddleware.Settings { Registry = exposition.Registry }
            );
            await middleware.Invoke(context);
        });

    /// <summary>
    /// The scraper's own time-out, less what the answer takes; readers that are late are left out, not waited for.
    /// </summary>
    internal static TimeSpan Timeout(HttpRequest request) =>
        double.TryParse(
            request.Headers["X-Prometheus-Scrape-Timeout-Seconds"],
            NumberStyles.Float,
            CultureInfo.InvariantCulture,
            out var seconds
        )
        && seconds > 0
            ? TimeSpan.FromSeconds(
                Math.Min(
                    Math.Max(seconds - Reserve.TotalSeconds, seconds / 2),
                    CurrentExposition.TimeoutAtMost.TotalSeconds
                )
            )
            : DefaultTimeout;
}
