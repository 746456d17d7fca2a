using System.Text.Json;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Web;

namespace OpenClaw.Exporter.Status;

/// <summary>
/// The endpoints of the page, the files that it loads, the diagnosis as JSON with its schema, and the timeline.
/// </summary>
static class StatusEndpoints
{
    const string Policy =
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'";

    /// <summary>Maps these endpoints.</summary>
    /// <param name="application">The server.</param>
    /// <param name="telemetryPath">The path of the metrics, for the page's link.</param>
    public static void MapStatus(this WebApplication application, string telemetryPath)
    {
        application.MapRead(ServedPaths.Page, async context =>
        {
            var exposition = await CurrentAsync(context);
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = Policy;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers.CacheControl = "no-store";
            context.Response.ContentType = "text/html; charset=utf-8";
            await context.Response.WriteAsync(new StatusPage(exposition.Diagnosis, telemetryPath).Render());
        });
        application.MapRead(ServedPaths.Diagnosis, static async context =>
        {
            var exposition = await CurrentAsync(context);
            context.Response.ContentType = "application/json; charset=utf-8";
            await JsonSerializer.SerializeAsync(
                context.Response.Body,
                DiagnosisDocument.From(exposition.Diagnosis),
                DiagnosisJson.Default.DiagnosisDocument,
                context.RequestAborted
            );
        });

        // The kernel is not read for it: a command that asks for it reads the kernel itself.
        application.MapRead(ServedPaths.Timeline, static async context =>
        {
            var current = context.RequestServices.GetRequiredService<CurrentExposition>();
            var (timeline, origin) = current.Timeline;
            if (origin is null)
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                await context.Response.WriteAsync(
                    "no snapshot yet, or its boot id and network namespace are missing\n"
                );
                return;
            }

            context.Response.ContentType = "application/json; charset=utf-8";
            context.Response.Headers.CacheControl = "no-store";
            var errors =
                current.Readers.OfType<ClwLogReader>().FirstOrDefault() is { } log && log.Look().TryGet(out var seen)
                    ? seen
                    : null;
            await JsonSerializer.SerializeAsync(
                context.Response.Body,
                TimelineDocument.From(timeline, origin, errors),
                TimelineJson.Default.TimelineDocument,
                context.RequestAborted
            );
        });
        MapEmbedded(application, ServedPaths.Diagnosis + "/schema", "diagnosis.schema.json", "application/schema+json");
        MapEmbedded(application, ServedPaths.Assets + "/page.css", "page.css", "text/css; charset=utf-8");
        MapEmbedded(application, ServedPaths.Assets + "/page.js", "page.js", "text/javascript; charset=utf-8");
    }

    static Task<Exposition> CurrentAsync(HttpContext context) =>
        context.RequestServices.GetRequiredService<CurrentExposition>().GetAsync(MetricsEndpoint.DefaultTimeout);

    static void MapEmbedded(WebApplication application, string path, string name, string contentType) =>
        application.MapRead(path, async context =>
        {
            context.Response.ContentType = contentType;
            context.Response.Headers.XContentTypeOptions = "nosniff";
            await using var resource = typeof(StatusEndpoints).Assembly.GetManifestResourceStream(name)!;
            await resource.CopyToAsync(context.Response.Body, context.RequestAborted);
        });
}
