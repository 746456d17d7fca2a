namespace OpenClaw.ContainerTests;

/// <summary>The profiles of deploy/seccomp, as options of the engine: it takes their text.</summary>
static class SeccompProfile
{
    /// <summary>A sidecar.</summary>
    public static string Sidecar { get; } = Option("openclaw-exporter");

    /// <summary>A whole host without eBPF.</summary>
    public static string Host { get; } = Option("openclaw-exporter-host");

    /// <summary>A whole host with eBPF.</summary>
    public static string Ebpf { get; } = Option("openclaw-exporter-ebpf");

    static string Option(string name) =>
        "seccomp=" + File.ReadAllText(Repository.PathOf($"deploy/seccomp/{name}.json"));
}
