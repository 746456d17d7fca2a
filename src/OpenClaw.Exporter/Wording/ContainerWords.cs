using OpenClaw.Kernel.Containers;

namespace OpenClaw.Exporter.Wording;

/// <summary>The words for containers and pods.</summary>
static class ContainerWords
{
    /// <summary>The digits of an id that Docker shows.</summary>
    const int Digits = 12;

    /// <summary>
    /// Returns "container NAME (0123456789ab)", with "pod NAMESPACE/NAME" before it in Kubernetes. Without a name, it
    /// is the id. Empty outside both.
    /// </summary>
    /// <param name="id">The id of the container; empty outside a container.</param>
    /// <param name="known">The container or pod; null when no file names it.</param>
    public static string Describe(string id, Container? known)
    {
        var shortId = id.Length > Digits ? id[..Digits] : id;
        var pod = known?.Pod is { } named ? $"pod {named.Namespace}/{named.Name}" : "";
        var container = (known?.Name, shortId) switch
        {
            (_, "") => "",
            ({ Length: > 0 } name, _) => $"container {name} ({shortId})",
            _ => $"container {shortId}",
        };
        return pod.Length > 0 && container.Length > 0 ? $"{pod}, {container}" : pod + container;
    }
}
