using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sysctls;

namespace OpenClaw.Exporter.Remedies;

/// <summary>The advice for a pool that runs out, with the changes that make room, computed from the reading.</summary>
/// <param name="Advice">What to do, as a sentence.</param>
/// <param name="Changes">The changes that a command can make; none when no command helps.</param>
sealed record Remedy(string Advice, params ImmutableArray<Change> Changes)
{
    const string NamedFolder = "/run/netns";

    /// <summary>
    /// What stands before its command to run it in another network namespace; empty where it runs as it is.
    /// </summary>
    string Inside { get; init; } = "";

    /// <summary>The command that changes the running system; null when no command helps.</summary>
    public string? Command => Change.CommandFor(Changes) is { } command ? Inside + command : null;

    /// <summary>The lines that keep the change across a reboot or restart; null when there are none.</summary>
    public string? Persistence =>
        Changes.Select(static change => change.Line).OfType<string>().ToList() is [_, ..] lines
            ? string.Join('\n', lines)
            : null;

    /// <summary>Where those lines belong; null when there are none.</summary>
    public string? File
    {
        get => field ?? Changes.Select(static change => change.File).FirstOrDefault();
        init;
    }

    /// <summary>Whether the process must be started again before the change counts.</summary>
    public bool NeedsRestart { get; init; }

    /// <summary>Where the usual advice hurts; null when it does not.</summary>
    public string? Warning { get; init; }

    /// <summary>What a restart would change by itself; null when nothing is known to.</summary>
    public string? Drift { get; init; }

    /// <summary>Where the command has to be run, when that is not simply here; null otherwise.</summary>
    public string? Where { get; init; }

    /// <summary>
    /// The sysctl that it sets, the one that matters where there are several; null when it sets none.
    /// </summary>
    public string? Key => Changes is [SysctlChange first, ..] ? first.Key : null;

    /// <summary>Where its changes are made; that of the pool where there are none.</summary>
    ChangeScope Scope => Changes is [var first, ..] ? first.Scope : ChangeScope.Namespace;

    /// <summary>A remedy that sets one sysctl.</summary>
    public static Remedy Sysctl(
        string advice,
        string key,
        string value,
        string? warning = null,
        ChangeScope scope = ChangeScope.Namespace
    ) => new(advice, new SysctlChange(key, value, scope)) { Warning = warning };

    /// <summary>Whether another one says the same, whatever it is made of.</summary>
    public bool Equals(Remedy? other) => other is not null && Texts == other.Texts;

    /// <inheritdoc/>
    public override int GetHashCode() => Texts.GetHashCode();

    (string, string?, string?, string?, bool, string?, string?, string?) Texts =>
        (Advice, Command, Persistence, File, NeedsRestart, Warning, Drift, Where);

    /// <summary>
    /// The same, with what a restart of the machine would make of the present value, and the file to change where one
    /// that is read later than the usual one sets it.
    /// </summary>
    public Remedy With(PersistedSysctls persisted)
    {
        if (Key is null)
            return this;
        var isLater =
            persisted.SetIn.TryGetValue(Key, out var file)
            && string.CompareOrdinal(Path.GetFileName(file), Path.GetFileName(SysctlChange.PersistenceFile)) > 0;
        return this with
        {
            File = isLater ? $"{file}, which sets it already and is read after 90-openclaw.conf" : File,
            Drift = persisted.ComesBack.TryGetValue(Key, out var value)
                ? $"{Key} is set now and lost at reboot: it will be '{value}' again."
                : null,
        };
    }

    /// <summary>
    /// The same for another network namespace: its command run inside, and what persists it said of what makes the
    /// namespace, for a file of the machine does not reach it. What only the machine itself has stays as it is.
    /// </summary>
    public Remedy In(NetworkNamespace netns)
    {
        if (Scope != ChangeScope.Namespace || Command is null)
            return this;
        return this with
        {
            Inside = netns switch
            {
                { Mount: { } mount } when Path.GetDirectoryName(mount) == NamedFolder =>
                    $"ip netns exec {ShellWord.Quote(Path.GetFileName(mount))} ",
                { Pid: { } pid } => string.Create(CultureInfo.InvariantCulture, $"nsenter --target {pid} --net "),
                _ => $"nsenter --net={ShellWord.Quote(netns.Mount ?? "")} ",
            },
            File = Persistence is null ? File : FileOf(netns.Owner),
        };
    }

    /// <summary>
    /// The same for the exporter's own network namespace where that is a container's or pod's, in which /proc/sys can
    /// as a rule not be written.
    /// </summary>
    public Remedy InChild(ProcessOwner owner)
    {
        if (Command is null)
            return this;
        return Scope switch
        {
            ChangeScope.Host => this with { Where = "on the host itself, not in this container or network namespace" },
            ChangeScope.Process => this with
            {
                Where = "where the exporter runs: a container's process ids are others on the host",
            },
            ChangeScope.File => this with
            {
                Where = "where the exporter runs: elsewhere the file may have another path",
            },
            _ => this with
            {
                Where =
                    "in this network namespace, which is not the machine's; where a container may not write "
                    + "/proc/sys, on the host behind nsenter --target PID --net (PID: a process of the "
                    + "container)",
                File = Persistence is null ? File : FileOf(owner),
            },
        };
    }

    /// <summary>What sets the sysctls of somebody's network namespace when it is made.</summary>
    static string FileOf(ProcessOwner owner) =>
        owner switch
        {
            { Pod.Length: > 0 } => "securityContext.sysctls of the pod",
            { Container.Length: > 0 } =>
                "the container's own sysctls: --sysctl of docker run, sysctls: in a compose file",
            _ => "whatever makes this network namespace, after it is made (securityContext.sysctls of a pod, "
                + "--sysctl of docker run, sysctls: in a compose file)",
        };
}
