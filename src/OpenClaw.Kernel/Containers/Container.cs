using System.Collections.Immutable;

namespace OpenClaw.Kernel.Containers;

/// <summary>A container, as the files of its engine describe it.</summary>
/// <param name="Id">The id, 64 hexadecimal digits; empty where only the pod is known.</param>
/// <param name="Engine">The engine: docker, podman or kubernetes.</param>
public sealed record Container(string Id, string Engine)
{
    /// <summary>The name; empty where only the pod is known.</summary>
    public string Name { get; init; } = "";

    /// <summary>The pod in Kubernetes; null outside Kubernetes.</summary>
    public Pod? Pod { get; init; }

    /// <summary>
    /// The labels that this library knows, with their values; null where the files of the engine have no labels.
    /// </summary>
    public ImmutableDictionary<string, string>? Labels { get; init; }

    /// <summary>The service of Compose that the container belongs to; null where it belongs to none.</summary>
    public ComposeService? Compose => Labels is null ? null : ComposeService.From(Labels);
}

/// <summary>A pod of Kubernetes.</summary>
/// <param name="Namespace">Its namespace in Kubernetes.</param>
/// <param name="Name">Its name.</param>
public sealed record Pod(string Namespace, string Name);

/// <summary>A service in a compose file.</summary>
/// <param name="Name">The name of the service.</param>
/// <param name="Project">The name of the project.</param>
/// <param name="Files">The paths of the compose files; empty when unknown.</param>
/// <param name="Folder">The folder of the project; empty when unknown.</param>
public sealed record ComposeService(string Name, string Project, ImmutableArray<string> Files, string Folder)
{
    /// <summary>The label with the name of the service.</summary>
    internal const string ServiceLabel = "com.docker.compose.service";

    /// <summary>The label with the name of the project.</summary>
    internal const string ProjectLabel = "com.docker.compose.project";

    /// <summary>The label with the paths of the compose files, separated by commas.</summary>
    internal const string FilesLabel = "com.docker.compose.project.config_files";

    /// <summary>The label with the folder of the project.</summary>
    internal const string FolderLabel = "com.docker.compose.project.working_dir";

    /// <summary>
    /// Returns the service that the labels name; null where they name none. An image that Compose built gives its
    /// service and project to every container, but no file and no folder.
    /// </summary>
    internal static ComposeService? From(ImmutableDictionary<string, string> labels) =>
        labels.GetValueOrDefault(ServiceLabel) is { Length: > 0 } name
        && (labels.ContainsKey(FilesLabel) || labels.ContainsKey(FolderLabel))
            ? new(
                name,
                labels.GetValueOrDefault(ProjectLabel, ""),
                [.. labels.GetValueOrDefault(FilesLabel, "").Split(',', StringSplitOptions.RemoveEmptyEntries)],
                labels.GetValueOrDefault(FolderLabel, "")
            )
            : null;
}
