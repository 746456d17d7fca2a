using System.Text;
using System.Text.RegularExpressions;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Processes;

/// <summary>The owner of a process, as the paths of its cgroups show it.</summary>
/// <param name="Cgroup">The path in cgroup version 2, or the first of version 1 below its root; empty when
/// unknown.</param>
/// <param name="Container">The id of the container, 64 hexadecimal digits; empty outside a container.</param>
/// <param name="Pod">The UID of the Kubernetes pod; empty outside a pod.</param>
/// <param name="Unit">The systemd service or named machine; empty outside both.</param>
public sealed partial record ProcessOwner(string Cgroup, string Container, string Pod, string Unit)
{
    /// <summary>
    /// The engine of the container as its cgroup names it, docker or podman; empty when it names none.
    /// </summary>
    public string Engine { get; init; } = "";

    /// <summary>
    /// True where the unit is a user's manager: units below user@UID.service are not started by that service.
    /// </summary>
    public bool IsOfUser => Unit.StartsWith("user@", StringComparison.Ordinal);

    /// <summary>
    /// The systemd service that a container is a part of, as Podman's .container files make it; empty for others.
    /// </summary>
    public string Quadlet { get; init; } = "";

    /// <summary>The owner of a process whose owner is unknown.</summary>
    public static ProcessOwner None { get; } = new("", "", "", "");

    /// <summary>
    /// Parses /proc/PID/cgroup: lines "ID:CONTROLLERS:PATH". The paths of containerd, CRI-O, Docker and Podman differ
    /// by engine and cgroup driver. In all of them, a part ends in the container's id. Kubernetes puts the pod's id
    /// before it.
    /// </summary>
    public static Reading<ProcessOwner> Parse(ReadOnlySpan<byte> text)
    {
        var paths = Encoding
            .UTF8.GetString(text)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => line.Split(':', 3))
            .Where(static fields => fields.Length == 3)
            .OrderByDescending(static fields => fields[0] == "0")
            .ThenBy(static fields => fields[2] == "/")
            .Select(static fields => fields[2])
            .ToList();
        if (paths.Count == 0)
            return None;

        var container = paths
            .Select(static path => ContainerId().Match(path))
            .FirstOrDefault(static match => match.Success);
        var pod = paths.Select(static path => PodUid().Match(path)).FirstOrDefault(static match => match.Success);
        var unit = paths.Select(static path => UnitName().Match(path)).FirstOrDefault(static match => match.Success);
        return new ProcessOwner(
            paths[0],
            container?.Groups[1].Value ?? "",
            pod?.Groups[1].Value.Replace('_', '-') ?? "",
            container is null ? unit?.Groups[1].Value ?? "" : ""
        )
        {
            Engine = container is null ? "" : EngineOf(container.Result("$`")),
            Quadlet = container is null ? "" : QuadletService().Match(container.Result("$`")).Groups[1].Value,
        };
    }

    /// <summary>Returns the owner that the path of one cgroup shows.</summary>
    public static ProcessOwner FromPath(string path) =>
        Parse(Encoding.UTF8.GetBytes("0::" + path)).TryGet(out var owner) ? owner : None;

    /// <summary>Returns the engine that makes cgroups of this form.</summary>
    /// <param name="before">The path before the id of the container.</param>
    static string EngineOf(string before)
    {
        if (before.EndsWith("docker", StringComparison.Ordinal))
            return "docker";
        return
            before.EndsWith("libpod", StringComparison.Ordinal)
            || before.EndsWith("libpod-payload", StringComparison.Ordinal)
            ? "podman"
            : "";
    }

    // "/docker/ID", "docker-ID.scope", "libpod-ID.scope/container", "web.service/libpod-payload-ID",
    // "crio-ID.scope", "slice:cri-containerd:ID"
    [GeneratedRegex(
        @"(?:^|[/:-])([0-9a-f]{64})(?:\.scope)?(?=/|$)",
        RegexOptions.CultureInvariant | RegexOptions.RightToLeft
    )]
    private static partial Regex ContainerId();

    // The cgroup of --cgroups=split: "/system.slice/web.service/libpod-payload-ID"
    [GeneratedRegex(@"/([^/]+\.service)/libpod-payload$", RegexOptions.CultureInvariant)]
    private static partial Regex QuadletService();

    // "/kubepods/burstable/podUID/ID", "kubepods-burstable-podUID_WITH_UNDERSCORES.slice"
    [GeneratedRegex("pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})", RegexOptions.CultureInvariant)]
    private static partial Regex PodUid();

    // "/system.slice/nginx.service", "/machine.slice/systemd-nspawn@web.service/payload",
    // "/machine.slice/machine-web.scope"
    [GeneratedRegex(@"/([^/]+\.service|machine-[^/]+\.scope)(?:/|$)", RegexOptions.CultureInvariant)]
    private static partial Regex UnitName();
}
