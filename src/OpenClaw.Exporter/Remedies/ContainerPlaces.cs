using System.Globalization;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Containers;
using OpenClaw.Kernel.Processes;

namespace OpenClaw.Exporter.Remedies;

/// <summary>The places that set sysctls and limits of a container when it is created.</summary>
static class ContainerPlaces
{
    /// <summary>Returns the place of a sysctl; null outside containers and pods.</summary>
    /// <param name="owner">The owner of the network namespace.</param>
    /// <param name="known">Its container; null when no file names it.</param>
    public static string? OfSysctls(ProcessOwner owner, Container? known) =>
        (owner, known) switch
        {
            (_, { Pod: { } pod }) => $"securityContext.sysctls of the pod {pod.Namespace}/{pod.Name}",
            ({ Pod.Length: > 0 }, _) => "securityContext.sysctls of the pod",
            (_, { Compose: { } service }) => $"sysctls: of {In(service)}",
            ({ Quadlet: { Length: > 0 } unit }, _) => $"Sysctl= in the .container file of {unit}",
            ({ Engine: "docker" }, { Name: { Length: > 0 } name }) => $"--sysctl of docker run of container {name}",
            ({ Engine: "podman" }, { Name: { Length: > 0 } name }) => $"--sysctl of podman run of container {name}",
            ({ Engine: "docker" }, _) => "--sysctl of docker run, or sysctls: of the service in its compose file",
            ({ Engine: "podman" }, _) => "--sysctl of podman run, or Sysctl= in its .container file",
            ({ Container.Length: > 0 }, _) => "the sysctls in the settings of the container",
            _ => null,
        };

    /// <summary>
    /// Returns the line that limits open files, and its place; null outside containers, and in a pod, whose limit no
    /// setting of Kubernetes changes.
    /// </summary>
    /// <param name="limit">The number of open files.</param>
    /// <param name="owner">The owner of the process.</param>
    /// <param name="known">Its container; null when no file names it.</param>
    public static (string Line, string File)? OfOpenFiles(long limit, ProcessOwner owner, Container? known)
    {
        var flag = string.Create(CultureInfo.InvariantCulture, $"--ulimit nofile={limit}:{limit}");
        var yaml = string.Create(
            CultureInfo.InvariantCulture,
            $"ulimits: {{nofile: {{soft: {limit}, hard: {limit}}}}}"
        );
        return (owner, known) switch
        {
            ({ Pod.Length: > 0 }, _) or (_, { Pod: not null }) => null,
            (_, { Compose: { } service }) => (yaml, In(service)),
            ({ Quadlet: { Length: > 0 } unit }, _) => (
                string.Create(CultureInfo.InvariantCulture, $"Ulimit=nofile={limit}:{limit}"),
                $"the [Container] section of the .container file of {unit}"
            ),
            ({ Engine: "podman" }, { Name: { Length: > 0 } name }) => (flag, $"podman run of container {name}"),
            ({ Engine: "podman" }, _) => (flag, "podman run of its container (Ulimit= in its .container file)"),
            ({ Engine: "docker" }, { Name: { Length: > 0 } name }) => (flag, $"docker run of container {name}"),
            ({ Container.Length: > 0 }, _) => (flag, "docker run of its container (ulimits: in a compose file)"),
            _ => null,
        };
    }

    /// <summary>Returns the setting of OpenClaw that limits open files in its sandboxes, and its place.</summary>
    /// <param name="limit">The number of open files.</param>
    /// <param name="configuration">The configuration file of the Gateway.</param>
    public static (string Line, string File) OfSandbox(long limit, string configuration) =>
        (
            string.Create(CultureInfo.InvariantCulture, $"ulimits: {{ nofile: {{ soft: {limit}, hard: {limit} }} }}"),
            VisibleText.Escape(
                $"agents.defaults.sandbox.docker in {configuration} (apply with openclaw sandbox recreate --all)"
            )
        );

    /// <summary>Returns the service and its file. The labels of an image may contain any text.</summary>
    static string In(ComposeService service)
    {
        var place = service switch
        {
            { Files: [_, _, ..] files } => $"the compose files {string.Join(" and ", files)}",
            { Files: [var file] } => $"the compose file {file}",
            { Folder.Length: > 0 } => $"the compose file in {service.Folder}",
            _ => $"the compose file of project {service.Project}",
        };
        return VisibleText.Escape($"service {service.Name} in {place}");
    }
}
