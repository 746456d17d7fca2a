using System.Globalization;
using System.Text.Json.Serialization;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sysctls;

namespace OpenClaw.Exporter.Remedies;

/// <summary>What the command of a remedy changes, and so where it has to be run.</summary>
enum RemedyScope
{
    /// <summary>The network namespace of the pool.</summary>
    Namespace,

    /// <summary>The machine, whatever the network namespace.</summary>
    Host,

    /// <summary>A process.</summary>
    Process,

    /// <summary>A file that is not the kernel's.</summary>
    File,
}

/// <summary>What helps when a pool runs out, computed from the reading.</summary>
/// <param name="Advice">What to do, as a sentence.</param>
/// <param name="Command">The command that changes the running system; null when no command helps.</param>
/// <param name="Persistence">The lines that keep the change across a reboot or restart; null when there are none.</param>
/// <param name="File">Where those lines belong.</param>
/// <param name="NeedsRestart">Whether the process must be started again before the change counts.</param>
/// <param name="Warning">Where the usual advice hurts; null when it does not.</param>
/// <param name="Drift">What a restart would change by itself; null when nothing is known to.</param>
/// <param name="Where">Where the command has to be run, when that is not simply here; null otherwise.</param>
sealed record Remedy(
    string Advice,
    string? Command = null,
    string? Persistence = null,
    string? File = null,
    bool NeedsRestart = false,
    string? Warning = null,
    string? Drift = null,
    string? Where = null)
{
    const string NamedFolder = "/run/netns";

    const string SysctlFile = "/etc/sysctl.d/90-openclaw.conf";

    /// <summary>What its command changes.</summary>
    [JsonIgnore]
    public RemedyScope Scope { get; init; }

    /// <summary>The sysctl that it sets; null when it sets none.</summary>
    [JsonIgnore]
    public string? Key { get; init; }

    /// <summary>A remedy that sets sysctls, of which the first is the one that matters.</summary>
    public static Remedy Sysctl(string advice, string? warning, params IEnumerable<(string Key, string Value)> settings)
    {
        var all = settings.ToList();
        return new(
            advice,
            "sysctl -w " + string.Join(' ', all.Select(static setting => $"{setting.Key}={(setting.Value.Contains(' ', StringComparison.Ordinal) ? $"\"{setting.Value}\"" : setting.Value)}")),
            string.Join('\n', all.Select(static setting => $"{setting.Key} = {setting.Value}")),
            SysctlFile,
            Warning: warning)
        {
            Key = all[0].Key,
        };
    }

    /// <summary>A remedy that sets one sysctl.</summary>
    public static Remedy Sysctl(string advice, string key, string value, string? warning = null) => Sysctl(advice, warning, (key, value));

    /// <summary>
    /// The same, with what a restart of the machine would make of the present value, and the file to change where one that is
    /// read later than the usual one sets it.
    /// </summary>
    public Remedy With(PersistedSysctls persisted)
    {
        if (Key is null)
            return this;
        var isLater = persisted.SetIn.TryGetValue(Key, out var file) && string.CompareOrdinal(Path.GetFileName(file), Path.GetFileName(SysctlFile)) > 0;
        return this with
        {
            File = isLater ? $"{file}, which sets it already and is read after 90-openclaw.conf" : File,
            Drift = persisted.ComesBack.TryGetValue(Key, out var value) ? $"{Key} is set now and lost at reboot: it will be '{value}' again." : null,
        };
    }

    /// <summary>
    /// The same for another network namespace: its command run inside, and what persists it said of what makes the namespace,
    /// for a file of the machine does not reach it. What only the machine itself has stays as it is.
    /// </summary>
    public Remedy In(NetworkNamespace netns) => Scope != RemedyScope.Namespace || Command is null ? this : this with
    {
        Command = netns switch
        {
            { Mount: { } mount } when Path.GetDirectoryName(mount) == NamedFolder => $"ip netns exec {ShellWord.Of(Path.GetFileName(mount))} {Command}",
            { Pid: { } pid } => string.Create(CultureInfo.InvariantCulture, $"nsenter --target {pid} --net {Command}"),
            _ => $"nsenter --net={ShellWord.Of(netns.Mount ?? "")} {Command}",
        },
        File = Persistence is null ? File : FileOf(netns.Owner),
    };

    /// <summary>The same for the exporter's own network namespace where that is a container's or pod's, in which /proc/sys can as a rule not be written.</summary>
    public Remedy InChild(ProcessOwner owner) => Command is null ? this : Scope switch
    {
        RemedyScope.Host => this with { Where = "on the host itself, not in this container or network namespace" },
        RemedyScope.Process => this with { Where = "where the exporter runs: a container's process ids are others on the host" },
        RemedyScope.File => this with { Where = "where the exporter runs: elsewhere the file may have another path" },
        _ => this with
        {
            Where = "in this network namespace, which is not the machine's; where a container may not write /proc/sys, on the host behind nsenter --target PID --net (PID: a process of the container)",
            File = Persistence is null ? File : FileOf(owner),
        },
    };

    /// <summary>What sets the sysctls of somebody's network namespace when it is made.</summary>
    static string FileOf(ProcessOwner owner) =>
        owner.Pod.Length > 0 ? "securityContext.sysctls of the pod"
        : owner.Container.Length > 0 ? "the container's own sysctls: --sysctl of docker run, sysctls: in a compose file"
        : "whatever makes this network namespace, after it is made (securityContext.sysctls of a pod, --sysctl of docker run, sysctls: in a compose file)";
}
