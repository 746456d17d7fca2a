namespace OpenClaw.Exporter.Configuration;

/// <summary>The addresses that the server answers.</summary>
static class ServedPaths
{
    /// <summary>The status page.</summary>
    public const string Page = "/";

    /// <summary>The metrics, unless a flag puts them elsewhere.</summary>
    public const string MetricsByDefault = "/metrics";

    /// <summary>Answers while the process serves.</summary>
    public const string Alive = "/healthz";

    /// <summary>Answers 200 when some pool can be read.</summary>
    public const string Ready = "/readyz";

    /// <summary>Below it is the diagnosis as JSON.</summary>
    public const string Api = "/api";

    /// <summary>The diagnosis as JSON.</summary>
    public const string Diagnosis = Api + "/v1/diagnosis";

    /// <summary>Below it is what the page loads.</summary>
    public const string Assets = "/assets";

    /// <summary>All but the metrics, which can be at none of them.</summary>
    public static IEnumerable<string> All { get; } = [Page, .. Parts];

    /// <summary>The same without the page: nothing else is below one of these.</summary>
    public static IEnumerable<string> Parts => [Alive, Ready, Api, Assets];
}
