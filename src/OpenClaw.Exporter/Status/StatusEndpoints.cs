using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Episodes;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Web;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Status;

/// <summary>
/// The endpoints of the page, the files that it loads, the diagnosis as JSON with its schema, and the timeline.
/// </summary>
static class StatusEndpoints
{
    const string Policy =
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'";

    /// <summary>The word before the verdict of a demonstration in JSON.</summary>
    const string DemoMark = "DEMO";

    /// <summary>Maps these endpoints.</summary>
    /// <param name="application">The server.</param>
    /// <param name="telemetryPath">The path of the metrics, for the page's link.</param>
    /// <param name="print">Prints a diagnosis as the command does.</param>
    /// <param name="banner">The text above the page and the plain text; empty for none.</param>
    public static void MapStatus(
        this WebApplication application,
        string telemetryPath,
        Action<Diagnosis, TextWriter> print,
        string banner
    )
    {
        CurrentEpisodes Kept() => application.Services.GetRequiredService<CurrentEpisodes>();
        var page = new SharedAnswer(exposition =>
            Encoding.UTF8.GetBytes(
                new StatusPage(((Exposition)exposition).Diagnosis, telemetryPath, banner)
                {
                    Episodes = Kept().History.All,
                }.Render()
            )
        );
        var text = new SharedAnswer(exposition =>
        {
            using var printed = new StringWriter();
            if (banner.Length > 0)
                printed.WriteLine(banner);
            print(((Exposition)exposition).Diagnosis, printed);
            return Encoding.UTF8.GetBytes(printed.ToString());
        });
        var diagnosis = new SharedAnswer(exposition =>
        {
            var current = ((Exposition)exposition).Diagnosis;
            var errors = current.Snapshot.Get<ClwErrors>().TryGet(out var log) ? log.Recent : [];
            var document = DiagnosisDocument.From(
                current,
                ErrorAnswer.Collect(errors, Kept().History.All, Kept().Since, current)
            );

            // The command top shows this verdict, without the rest of the page.
            return JsonSerializer.SerializeToUtf8Bytes(
                banner.Length > 0 ? document with { Verdict = $"{DemoMark}: {document.Verdict}" } : document,
                DiagnosisJson.Default.DiagnosisDocument
            );
        });
        application.MapRead(ServedPaths.Page, async context =>
        {
            var exposition = await CurrentAsync(context);
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = Policy;
            headers["Referrer-Policy"] = "no-referrer";
            headers.Vary = HeaderNames.Accept;
            if (WantsPage(context.Request))
                await AnswerAsync(context, page, "text/html", exposition);
            else
                await AnswerAsync(context, text, "text/plain", exposition);
        });
        application.MapRead(ServedPaths.Diagnosis + "/text", async context =>
            await AnswerAsync(context, text, "text/plain", await CurrentAsync(context))
        );
        application.MapRead(ServedPaths.Diagnosis, async context =>
        {
            var exposition = await CurrentAsync(context);
            context.Response.ContentType = "application/json; charset=utf-8";
            await diagnosis.WriteAsync(context, exposition);
        });

        // The kernel is not read for it: a command that asks for it reads the kernel itself.
        application.MapRead(ServedPaths.Timeline, static async context =>
        {
            var current = context.RequestServices.GetRequiredService<CurrentExposition>();
            var (timeline, origin, refused) = current.Timeline;
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
            var errors = current.Readers.OfType<ClwLogReader>().FirstOrDefault()?.Look()
                ?? current.Readers.OfType<FoundLogReader>().FirstOrDefault()?.Look();
            await JsonSerializer.SerializeAsync(
                context.Response.Body,
                TimelineDocument.From(
                    timeline,
                    origin,
                    errors is { } log && log.TryGet(out var seen) ? seen : null
                ) with
                {
                    RefusedConnects = RefusalsDocument.From(refused),
                },
                TimelineJson.Default.TimelineDocument,
                context.RequestAborted
            );
        });

        // The kernel is not read for it, either: the last snapshot is at most 15 s old.
        var episodes = new SharedAnswer(history =>
            EpisodesDocument
                .From(((EpisodeHistory)history).All, DateTimeOffset.UtcNow, BuildInfo.Version, Kept().Since)
                .Serialize()
        );
        application.MapRead(ServedPaths.Episodes, async context =>
        {
            context.Response.ContentType = "application/json; charset=utf-8";
            context.Response.Headers.CacheControl = "no-store";
            await episodes.WriteAsync(context, Kept().History);
        });
        MapEmbedded(application, ServedPaths.Episodes + "/schema", "episodes.schema.json", "application/schema+json");
        MapEmbedded(application, ServedPaths.Diagnosis + "/schema", "diagnosis.schema.json", "application/schema+json");
        MapEmbedded(application, ServedPaths.Assets + "/page.css", "page.css", "text/css; charset=utf-8");
        MapEmbedded(application, ServedPaths.Assets + "/page.js", "page.js", "text/javascript; charset=utf-8");
        foreach (var condition in Enum.GetValues<PoolCondition>())
        {
            application.MapRead($"{ServedPaths.Assets}/{SnakeCase.Convert(condition)}.svg", async context =>
            {
                context.Response.ContentType = "image/svg+xml";
                context.Response.Headers.XContentTypeOptions = "nosniff";
                await context.Response.WriteAsync(Icon(condition), context.RequestAborted);
            });
        }
    }

    /// <summary>
    /// Returns true for a client that asks for HTML, as each browser does. Programs that take anything, such as curl,
    /// get text.
    /// </summary>
    static bool WantsPage(HttpRequest request) =>
        request
            .GetTypedHeaders()
            .Accept.Any(static type =>
                type.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase) && type.Quality is not 0
            );

    static async Task AnswerAsync(HttpContext context, SharedAnswer answer, string type, Exposition exposition)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = type + "; charset=utf-8";
        await answer.WriteAsync(context, exposition);
    }

    /// <summary>Returns the icon of the page: a bar that is full where the condition is critical.</summary>
    static string Icon(PoolCondition condition)
    {
        var (colour, top) = condition switch
        {
            PoolCondition.Critical => ("#cf222e", 1),
            PoolCondition.Warning => ("#bf8700", 4),
            PoolCondition.Ok => ("#1a7f37", 10),
            _ => ("#6e40c9", 15),
        };
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect x="1" width="14" height="16" rx="3" fill="#8b949e"/><rect x="1" y="{top}" width="14" height="{16
                - top}" rx="3" fill="{colour}"/></svg>
            """
        );
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
