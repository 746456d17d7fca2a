using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Containers;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sysctls;

namespace OpenClaw.Exporter.Remedies;

/// <summary>The advice for an exhausted pool, with the changes that make room, computed from the reading.</summary>
/// <param name="Advice">The action to take, as a sentence.</param>
/// <param name="Changes">The changes that a command can make; none when no command helps.</param>
sealed record Remedy(string Advice, params ImmutableArray<Change> Changes)
{
    const string NamedFolder = "/run/netns";

    /// <summary>The other network namespace that its changes belong to; null for the exporter's own.</summary>
    public NetworkNamespace? Netns { get; private init; }

    /// <summary>The prefix that runs its command in another network namespace; empty where it runs unchanged.</summary>
    string Inside =>
        Netns switch
        {
            null => "",
            { Mount: { } mount } when Path.GetDirectoryName(mount) == NamedFolder =>
                $"ip netns exec {ShellWord.Quote(Path.GetFileName(mount))} ",
            { Pid: { } pid } => string.Create(CultureInfo.InvariantCulture, $"nsenter --target {pid} --net "),
            { Mount: var mount } => $"nsenter --net={ShellWord.Quote(mount ?? "")} ",
        };

    /// <summary>The command that changes the running system; null when no command helps.</summary>
    public string? Command => Change.CommandFor(Changes) is { } command ? Inside + command : null;

    /// <summary>
    /// Returns the command of one change as it is typed here: one of another network namespace would otherwise change
    /// this one's.
    /// </summary>
    public string CommandFor(Change change) =>
        change.Scope == ChangeScope.Namespace ? Inside + change.Command : change.Command;

    /// <summary>
    /// The lines that make the change permanent across a reboot or restart; null when there are none.
    /// </summary>
    public string? Persistence =>
        Changes.Select(static change => change.Line).OfType<string>().ToList() is [_, ..] lines
            ? string.Join('\n', lines)
            : null;

    /// <summary>The place for those lines; null when there are none.</summary>
    public string? File => OtherFile ?? Changes.Select(static change => change.File).FirstOrDefault();

    /// <summary>
    /// The place for the lines where it is not the file of the changes themselves, in words; null where it is.
    /// </summary>
    public string? OtherFile { get; private init; }

    /// <summary>True where the change is effective only after a restart of the process.</summary>
    public bool NeedsRestart { get; init; }

    /// <summary>The harm that the usual advice causes here; null when it causes none.</summary>
    public string? Warning { get; init; }

    /// <summary>
    /// The sysctl whose present value a restart of the machine would undo, as a sentence; null when none is known.
    /// </summary>
    public string? Drift { get; init; }

    /// <summary>The place where the command has to run; null when that is simply here.</summary>
    public string? Where { get; init; }

    /// <summary>
    /// The sysctl that it sets, the last one where there are several: the others prepare it. Null when it sets none.
    /// </summary>
    public string? Key => Changes is [.., SysctlChange last] ? last.Key : null;

    /// <summary>
    /// The part of the system that its changes affect; the pool's network namespace where there are none.
    /// </summary>
    ChangeScope Scope => Changes is [var first, ..] ? first.Scope : ChangeScope.Namespace;

    /// <summary>Creates a remedy that sets one sysctl.</summary>
    public static Remedy Sysctl(
        string advice,
        string key,
        string value,
        string? warning = null,
        ChangeScope scope = ChangeScope.Namespace,
        string? old = null
    ) => new(advice, new SysctlChange(key, value, scope) { Old = old }) { Warning = warning };

    /// <summary>Compares the texts of two remedies.</summary>
    public bool Equals(Remedy? other) => other is not null && Texts == other.Texts;

    /// <inheritdoc/>
    public override int GetHashCode() => Texts.GetHashCode();

    (string, string?, string?, string?, bool, string?, string?, string?) Texts =>
        (Advice, Command, Persistence, File, NeedsRestart, Warning, Drift, Where);

    /// <summary>
    /// Adds the value that a restart of the machine would restore. Where a file that is read later than the usual one
    /// sets the sysctl, the remedy names that file.
    /// </summary>
    public Remedy With(PersistedSysctls persisted)
    {
        ImmutableArray<string> keys = [.. Changes.OfType<SysctlChange>().Select(static change => change.Key)];
        if (keys.IsEmpty)
            return this;
        var later = string.Join(
            " and ",
            keys.Select(key => persisted.SetIn.GetValueOrDefault(key, ""))
                .Where(static file =>
                    string.CompareOrdinal(Path.GetFileName(file), Path.GetFileName(SysctlChange.PersistenceFile)) > 0
                )
                .Distinct()
        );
        var drift = string.Join(
            ' ',
            from key in keys
            where persisted.ComesBack.ContainsKey(key)
            let value = persisted.ComesBack[key]
            let before = value.Length == 0 ? "empty" : $"'{value}'"
            select $"{key} has a value that is lost at reboot. It will be {before} again."
        );
        var own = Path.GetFileName(SysctlChange.PersistenceFile);
        return this with
        {
            OtherFile = later.Length > 0 ? $"{later}, which already sets it and is read after {own}" : OtherFile,
            Drift = drift.Length > 0 ? drift : null,
        };
    }

    /// <summary>
    /// Adapts the remedy to another network namespace. Its command runs inside, and the creator of the namespace has to
    /// make it permanent, because a file of the machine has no effect there. A remedy for the whole machine does not
    /// change.
    /// </summary>
    /// <param name="netns">The namespace.</param>
    /// <param name="container">The container of its owner; null when no file names it.</param>
    public Remedy In(NetworkNamespace netns, Container? container = null)
    {
        if (Scope != ChangeScope.Namespace || Command is null)
            return this;
        return this with
        {
            Netns = netns,
            OtherFile = Persistence is null ? OtherFile : FileOf(netns.Owner, container),
        };
    }

    /// <summary>
    /// Adapts the remedy to the exporter's own network namespace where that is a container's or pod's. In most of them,
    /// /proc/sys is read-only.
    /// </summary>
    /// <param name="owner">The owner of the namespace.</param>
    /// <param name="container">The container of that owner; null when no file names it.</param>
    public Remedy InChild(ProcessOwner owner, Container? container = null)
    {
        if (Command is null)
            return this;
        return Scope switch
        {
            ChangeScope.Host => this with { Where = "on the host itself, not in this container or network namespace" },
            ChangeScope.Process => this with
            {
                Where = "in the container or host of the exporter: process ids differ between them",
            },
            ChangeScope.File => this with
            {
                Where = "in the container or host of the exporter: the path may differ elsewhere",
            },
            _ => this with
            {
                Where =
                    "in this network namespace, which is not the machine's. If the container cannot "
                    + "write /proc/sys, run it on the host after nsenter --target PID --net (PID: a "
                    + "process of the container)",
                OtherFile = Persistence is null ? OtherFile : FileOf(owner, container),
            },
        };
    }

    /// <summary>Returns the place that sets the sysctls of a network namespace when it is created.</summary>
    static string FileOf(ProcessOwner owner, Container? container) =>
        owner switch
        {
            _ when ContainerPlaces.OfSysctls(owner, container) is { } place => place,
            { Unit: [.., '.', 's', 'e', 'r', 'v', 'i', 'c', 'e'] } when !owner.IsOfUser =>
                $"ExecStartPre= of {owner.Unit}, with sysctl -w",
            _ => "the settings that create this network namespace: securityContext.sysctls of a pod, "
                + "--sysctl of docker run, or sysctls: in a compose file",
        };
}
