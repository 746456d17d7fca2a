using System.Globalization;
using System.Text.Json.Serialization;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sysctls;

namespace OpenClaw.Exporter.Pools;

/// <summary>What helps when a pool runs out, computed from the reading.</summary>
/// <param name="Advice">What to do, as a sentence.</param>
/// <param name="Command">The command that changes the running system; null when no command helps.</param>
/// <param name="Persistence">The line that keeps the change across a reboot or restart; null when there is none.</param>
/// <param name="File">Where that line belongs.</param>
/// <param name="NeedsRestart">Whether the process must be started again before the persistent line counts.</param>
/// <param name="Warning">Where the usual advice hurts; null when it does not.</param>
/// <param name="Drift">What a restart would change by itself; null when nothing is known to.</param>
sealed record Remedy(
    string Advice,
    string? Command = null,
    string? Persistence = null,
    string? File = null,
    bool NeedsRestart = false,
    string? Warning = null,
    string? Drift = null)
{
    const string NamedFolder = "/run/netns";

    const string SysctlFile = "/etc/sysctl.d/90-openclaw.conf";

    /// <summary>Whether its command is the machine's to run, whatever the network namespace.</summary>
    [JsonIgnore]
    public bool OnHost { get; init; }

    /// <summary>The sysctl that it sets; null when it sets none.</summary>
    [JsonIgnore]
    public string? Key { get; init; }

    /// <summary>A remedy that sets one sysctl.</summary>
    public static Remedy Sysctl(string advice, string key, string value, string? warning = null) => new(
        advice,
        value.Contains(' ', StringComparison.Ordinal) ? $"sysctl -w {key}=\"{value}\"" : $"sysctl -w {key}={value}",
        $"{key} = {value}",
        SysctlFile,
        Warning: warning)
    {
        Key = key,
    };

    /// <summary>The same, with what a restart of the machine would make of the present value.</summary>
    public Remedy With(PersistedSysctls persisted) => Key is not null && persisted.ComesBack.TryGetValue(Key, out var value)
        ? this with { Drift = $"{Key} is set now and lost at reboot: it will be '{value}' again." }
        : this;

    /// <summary>
    /// The same for another network namespace: its command run inside, and what persists it said of what makes the namespace,
    /// for a file of the machine does not reach it. What only the machine itself has stays as it is.
    /// </summary>
    public Remedy In(NetworkNamespace netns) => OnHost || Command is null ? this : this with
    {
        Command = netns switch
        {
            { Mount: { } mount } when Path.GetDirectoryName(mount) == NamedFolder => $"ip netns exec {Path.GetFileName(mount)} {Command}",
            { Pid: { } pid } => string.Create(CultureInfo.InvariantCulture, $"nsenter --target {pid} --net {Command}"),
            _ => $"nsenter --net={netns.Mount} {Command}",
        },
        File = netns.Owner.Pod.Length > 0 ? "securityContext.sysctls of the pod"
            : netns.Owner.Container.Length > 0 ? "the container's own sysctls: --sysctl of docker run, sysctls: in a compose file"
            : "whatever makes this network namespace, after it is made",
    };
}
