using System.Text.Json;

namespace OpenClaw.Testing;

/// <summary>A Grafana dashboard of the checkout.</summary>
/// <param name="Uid">The lasting identifier: part of the dashboard's address and of links to it.</param>
/// <param name="Json">The whole document.</param>
sealed record Dashboard(string Uid, JsonElement Json)
{
    /// <summary>Every committed dashboard by the name of its file, which is its uid.</summary>
    public static IReadOnlyDictionary<string, Dashboard> All { get; } =
        Directory
            .GetFiles(Repository.PathOf("dashboards"), "*.json")
            .Order(StringComparer.Ordinal)
            .ToDictionary(
                static file => Path.GetFileNameWithoutExtension(file),
                static file =>
                {
                    var json = JsonDocument.Parse(File.ReadAllText(file)).RootElement;
                    return new Dashboard(json.GetProperty("uid").GetString()!, json);
                }
            );

    /// <summary>The variables.</summary>
    public IEnumerable<JsonElement> Variables => Json.GetProperty("templating").GetProperty("list").EnumerateArray();

    /// <summary>The panels, including those inside rows, without the rows themselves.</summary>
    public IEnumerable<JsonElement> Panels =>
        WithNested(Json.GetProperty("panels")).Where(static panel => panel.GetProperty("type").GetString() != "row");

    /// <summary>The panels, the rows and the panels inside rows.</summary>
    public IEnumerable<JsonElement> PanelsAndRows => WithNested(Json.GetProperty("panels"));

    /// <summary>The queries of the panels.</summary>
    public IEnumerable<DashboardQuery> Queries =>
        from panel in Panels
        from target in panel.GetProperty("targets").EnumerateArray()
        select new DashboardQuery(
            Uid,
            panel.GetProperty("title").GetString()!,
            target.GetProperty("refId").GetString()!,
            target.GetProperty("expr").GetString()!,
            target.TryGetProperty("legendFormat", out var legend) ? legend.GetString()! : "",
            target.GetProperty("instant").GetBoolean(),
            panel.TryGetProperty("interval", out var interval) ? interval.GetString() : null,
            panel.TryGetProperty("maxDataPoints", out var points) ? points.GetInt32() : null
        );

    /// <summary>The queries of the annotations.</summary>
    public IEnumerable<DashboardQuery> Annotations =>
        from annotation in Json.GetProperty("annotations").GetProperty("list").EnumerateArray()
        where annotation.TryGetProperty("expr", out _)
        select new DashboardQuery(
            Uid,
            annotation.GetProperty("name").GetString()!,
            "annotation",
            annotation.GetProperty("expr").GetString()!,
            annotation.GetProperty("textFormat").GetString()!,
            IsInstant: false,
            annotation.GetProperty("step").GetString(),
            MostPoints: null
        );

    static IEnumerable<JsonElement> WithNested(JsonElement panels) =>
        panels
            .EnumerateArray()
            .SelectMany(static panel =>
                panel.TryGetProperty("panels", out var nested) ? WithNested(nested).Prepend(panel) : [panel]
            );
}

/// <summary>A query to Prometheus.</summary>
/// <param name="Dashboard">The uid of the dashboard.</param>
/// <param name="Panel">The title of the panel.</param>
/// <param name="RefId">The query's identifier within the panel.</param>
/// <param name="Expression">PromQL with Grafana's variables.</param>
/// <param name="Legend">The name of a series, with labels in double braces.</param>
/// <param name="IsInstant">True for an instant query.</param>
/// <param name="MinimumStep">The smallest step, such as 5m; null for any.</param>
/// <param name="MostPoints">The most points of a line; null for one per pixel.</param>
sealed record DashboardQuery(
    string Dashboard,
    string Panel,
    string RefId,
    string Expression,
    string Legend,
    bool IsInstant,
    string? MinimumStep,
    int? MostPoints
)
{
    /// <summary>The query's place, for messages and lists.</summary>
    public string Place => $"{Dashboard} / {Panel} / {RefId}";

    /// <summary>The expression as Grafana sends it when everything is selected.</summary>
    /// <param name="rateInterval">The rate interval: at least four times the scrape interval.</param>
    public string Filled(string rateInterval) =>
        Expression
            .Replace("$__rate_interval", rateInterval, StringComparison.Ordinal)
            .Replace("$job", ".+", StringComparison.Ordinal)
            .Replace("$instance", ".+", StringComparison.Ordinal)
            .Replace("$netns", ".+", StringComparison.Ordinal)
            .Replace("$pool", "ephemeral_connect_ports", StringComparison.Ordinal);
}
