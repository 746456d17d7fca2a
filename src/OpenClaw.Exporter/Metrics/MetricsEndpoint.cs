using System.Globalization;
using Microsoft.AspNetCore.ResponseCompression;
using OpenClaw.Exporter.Web;
using Prometheus;

namespace OpenClaw.Exporter.Metrics;

/// <summary>
/// GET /metrics: text 0.0.4 or OpenMetrics 1.0 as the scraper requests, compressed where the scraper accepts it.
/// </summary>
static class MetricsEndpoint
{
    /// <summary>The time limit for readers where the client sets none.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The time that the response itself may take from the scraper's timeout.</summary>
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

            // The library's middleware negotiates and serialises. Only the registry is this exposition's.
            var middleware = new MetricServerMiddleware(
                static _ => Task.CompletedTask,
                new MetricServerMiddleware.Settings { Registry = exposition.Registry }
            );
            await middleware.Invoke(context);
        });

    /// <summary>
    /// Returns the scraper's timeout, less the time for the response. The exposition omits readers that are not ready
    /// by then.
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
