using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Containers;

/// <summary>Parses the files in which container engines keep names and labels.</summary>
static partial class EngineFiles
{
    const int ValueAtMost = 4096;

    /// <summary>The labels that are kept. An image may have hundreds of others.</summary>
    static readonly ImmutableHashSet<string> KnownLabels =
    [
        ComposeService.ServiceLabel,
        ComposeService.ProjectLabel,
        ComposeService.FilesLabel,
        ComposeService.FolderLabel,
        "openclaw.sandbox",
        PodName,
        PodNamespace,
        KubernetesContainer,
    ];

    const string PodName = "io.kubernetes.pod.name";
    const string PodNamespace = "io.kubernetes.pod.namespace";
    const string KubernetesContainer = "io.kubernetes.container.name";

    /// <summary>Parses config.v2.json of Docker.</summary>
    /// <param name="text">The text.</param>
    /// <param name="id">The id of the container that the file has to describe.</param>
    public static Reading<Container> ParseDocker(ReadOnlyMemory<byte> text, string id)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var root = json.RootElement;
            if (Text(root, "ID") != id)
                return new Missing(Absence.Malformed, "expected the id of its folder as ID");
            if (Text(root, "Name")?.TrimStart('/') is not { } name || !ContainerName().IsMatch(name))
                return new Missing(Absence.Malformed, "expected the name of a container as Name");
            var labels =
                Member(root, "Config") is { } config
                && Member(config, "Labels") is { ValueKind: JsonValueKind.Object } all
                    ? LabelsIn(all)
                    : ImmutableDictionary<string, string>.Empty;
            return new Container(id, "docker")
            {
                Name = labels.GetValueOrDefault(KubernetesContainer, name),
                Labels = labels,
                Pod =
                    labels.TryGetValue(PodName, out var pod) && labels.TryGetValue(PodNamespace, out var scope)
                        ? new(scope, pod)
                        : null,
            };
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return NoJson(error);
        }
    }

    /// <summary>Parses containers.json of Podman: the names by id.</summary>
    public static Reading<ImmutableDictionary<string, string>> ParsePodman(ReadOnlyMemory<byte> text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind != JsonValueKind.Array)
                return new Missing(Absence.Malformed, "expected a list of containers");
            var names = ImmutableDictionary.CreateBuilder<string, string>();
            foreach (var container in json.RootElement.EnumerateArray())
            {
                if (
                    Text(container, "id") is { } id
                    && Member(container, "names") is { ValueKind: JsonValueKind.Array } given
                    && given.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.String } first
                    && first.GetString() is { } name
                    && ContainerName().IsMatch(name)
                )
                {
                    names[id] = name;
                }
            }

            return names.ToImmutable();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return NoJson(error);
        }
    }

    /// <summary>
    /// Parses the name of a link in /var/log/containers: POD_NAMESPACE_CONTAINER-ID.log. Null for another name.
    /// </summary>
    public static Container? ParseLog(string file) =>
        LogName().Match(file) is { Success: true } match
            ? new(match.Groups[4].Value, "kubernetes")
            {
                Name = match.Groups[3].Value,
                Pod = new(match.Groups[2].Value, match.Groups[1].Value),
            }
            : null;

    /// <summary>Parses the name of a folder in /var/log/pods: NAMESPACE_POD_UID. Null for another name.</summary>
    public static (string Uid, Pod Pod)? ParsePodFolder(string folder) =>
        PodFolder().Match(folder) is { Success: true } match
            ? (match.Groups[3].Value, new(match.Groups[1].Value, match.Groups[2].Value))
            : null;

    /// <summary>Parses --data-root in the command line of dockerd; null without one.</summary>
    /// <param name="commandLine">The arguments, each with a zero byte behind it.</param>
    public static string? ParseDataRoot(string commandLine)
    {
        var arguments = commandLine.Split('\0');
        foreach (var (at, argument) in arguments.Index().Skip(1))
        {
            foreach (var flag in (ReadOnlySpan<string>)["--data-root", "-data-root", "--graph", "-g"])
            {
                if (argument == flag && at + 1 < arguments.Length)
                    return arguments[at + 1];
                if (argument.StartsWith(flag + "=", StringComparison.Ordinal))
                    return argument[(flag.Length + 1)..];
            }
        }

        return null;
    }

    /// <summary>Parses "data-root" in /etc/docker/daemon.json; missing without one.</summary>
    public static Reading<string> ParseDaemon(ReadOnlyMemory<byte> text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return Text(json.RootElement, "data-root")
                ?? (Reading<string>)new Missing(Absence.NotPresent, "no data-root");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return NoJson(error);
        }
    }

    /// <summary>Returns the reason for text that is no JSON, or whose texts are no Unicode.</summary>
    static Missing NoJson(Exception error) =>
        new(
            Absence.Malformed,
            error is JsonException { LineNumber: { } line }
                ? $"line {line + 1}: expected JSON"
                : "expected JSON in UTF-8"
        );

    static ImmutableDictionary<string, string> LabelsIn(JsonElement all) =>
        all.EnumerateObject()
            .Where(static label => KnownLabels.Contains(label.Name) && label.Value.ValueKind == JsonValueKind.String)
            .Select(static label => (label.Name, Value: label.Value.GetString()!))
            .Where(static label => label.Value.Length <= ValueAtMost)
            .DistinctBy(static label => label.Name)
            .ToImmutableDictionary(static label => label.Name, static label => label.Value);

    static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;

    static string? Text(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    // RestrictedNameChars of Docker's daemon/names, the same in Podman.
    [GeneratedRegex("^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,252}$", RegexOptions.CultureInvariant)]
    private static partial Regex ContainerName();

    // Names in Kubernetes have no underscore: logSymlink() in pkg/kubelet/kuberuntime.
    [GeneratedRegex(@"^([a-z0-9.-]+)_([a-z0-9-]+)_([a-z0-9-]+)-([0-9a-f]{64})\.log$", RegexOptions.CultureInvariant)]
    private static partial Regex LogName();

    [GeneratedRegex("^([a-z0-9-]+)_([a-z0-9.-]+)_([0-9a-f-]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex PodFolder();
}
