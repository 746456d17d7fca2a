using System.Text.RegularExpressions;

namespace OpenClaw.ContainerTests;

/// <summary>The images that the tests run, read from the files that name them.</summary>
static partial class ImageNames
{
    /// <summary>The image on which the exporter is built; here the application runs on it.</summary>
    public static string Sdk { get; } = Named("Dockerfile", SdkArgument());

    public static string Prometheus { get; } = Named("deploy/compose/compose.yml", PrometheusImage());

    public static string Alertmanager { get; } = Named("deploy/compose/compose.yml", AlertmanagerImage());

    public static string Grafana { get; } = Named("deploy/compose/compose.yml", GrafanaImage());

    static string Named(string file, Regex line)
    {
        var match = line.Match(File.ReadAllText(Repository.PathOf(file)));
        return match.Success
            ? match.Groups[1].Value
            : throw new InvalidDataException($"{file}: expected a line like {line}");
    }

    [GeneratedRegex("^ARG SDK=(.+)$", RegexOptions.Multiline)]
    private static partial Regex SdkArgument();

    [GeneratedRegex("image: (prom/prometheus:.+)$", RegexOptions.Multiline)]
    private static partial Regex PrometheusImage();

    [GeneratedRegex("image: (prom/alertmanager:.+)$", RegexOptions.Multiline)]
    private static partial Regex AlertmanagerImage();

    [GeneratedRegex("image: (grafana/grafana:.+)$", RegexOptions.Multiline)]
    private static partial Regex GrafanaImage();
}
