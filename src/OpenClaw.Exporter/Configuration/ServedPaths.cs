namespace OpenClaw.Exporter.Configuration;

/// <summary>The paths that the server answers.</summary>
static class ServedPaths
{
    /// <summary>The status page.</summary>
    public const string Page = "/";

    /// <summary>The default path of the metrics.</summary>
    public const string MetricsByDefault = "/metrics";

    /// <summary>The path that returns 200 while the process serves.</summary>
    public const string Alive = "/healthz";

    /// <summary>The path that returns 200 when some pool is readable.</summary>
    public const string Ready = "/readyz";

    /// <summary>The base path of the diagnosis as JSON.</summary>
    public const string Api = "/api";

    /// <summary>The diagnosis as JSON.</summary>
    public const string Diagnosis = Api + "/v1/diagnosis";

    /// <summary>The history of the last minutes as JSON, for the commands.</summary>
    public const string Timeline = Api + "/v1/timeline";

    /// <summary>The problems of the last 24 hours as JSON.</summary>
    public const string Episodes = Api + "/v1/episodes";

    /// <summary>The base path of the files that the page loads.</summary>
    public const string Assets = "/assets";

    /// <summary>All paths except the metrics, which can have none of these.</summary>
    public static IEnumerable<string> All { get; } = [Page, .. Parts];

    /// <summary>All of these paths except the page. Nothing else is below one of them.</summary>
    public static IEnumerable<string> Parts => [Alive, Ready, Api, Assets];
}
