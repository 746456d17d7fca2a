namespace OpenClaw.Exporter.Configuration;

/// <summary>The addresses that the server answers beside the page and the metrics.</summary>
static class ServedPaths
{
    /// <summary>Answers while the process serves.</summary>
    public const string Alive = "/healthz";

    /// <summary>Answers 200 when some pool can be read.</summary>
    public const string Ready = "/readyz";

    /// <summary>Below it is the diagnosis as JSON.</summary>
    public const string Api = "/api";

    /// <summary>Below it is what the page loads.</summary>
    public const string Assets = "/assets";

    /// <summary>All of them: the metrics cannot be there.</summary>
    public static IEnumerable<string> All { get; } = [Alive, Ready, Api, Assets];
}
