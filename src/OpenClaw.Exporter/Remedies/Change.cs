using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Remedies;

/// <summary>The part of the system that a change is made to, and so where its command has to be run.</summary>
enum ChangeScope
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

/// <summary>One thing that a remedy changes.</summary>
/// <param name="Scope">Where it is made.</param>
abstract record Change(ChangeScope Scope)
{
    /// <summary>The command that makes it on the running system.</summary>
    public abstract string Command { get; }

    /// <summary>The line that keeps it across a reboot or restart; null when there is none.</summary>
    public virtual string? Line => null;

    /// <summary>Where that line belongs; null when there is none.</summary>
    public virtual string? File => null;

    /// <summary>The command that makes all of them; null when there are none. Sysctls are set by one command.</summary>
    public static string? CommandFor(ImmutableArray<Change> changes) =>
        changes switch
        {
            [] => null,
            [SysctlChange, ..] => "sysctl -w "
                + string.Join(' ', changes.OfType<SysctlChange>().Select(static change => change.Setting)),
            [var only, ..] => only.Command,
        };
}

/// <summary>A sysctl that is set.</summary>
/// <param name="Key">Its name with dots.</param>
/// <param name="New">The value it is given.</param>
/// <param name="Scope">Whose it is: each network namespace's, or the machine's.</param>
sealed record SysctlChange(string Key, string New, ChangeScope Scope = ChangeScope.Namespace) : Change(Scope)
{
    /// <summary>The file that keeps it.</summary>
    public const string PersistenceFile = "/etc/sysctl.d/90-openclaw.conf";

    /// <summary>Key and value as the command takes them.</summary>
    public string Setting => New.Contains(' ', StringComparison.Ordinal) ? $"{Key}=\"{New}\"" : $"{Key}={New}";

    /// <inheritdoc/>
    public override string Command => $"sysctl -w {Setting}";

    /// <inheritdoc/>
    public override string Line => $"{Key} = {New}";

    /// <inheritdoc/>
    public override string File => PersistenceFile;
}

/// <summary>The limit of open files of a running process.</summary>
/// <param name="Pid">The process.</param>
/// <param name="Soft">The soft limit it is given.</param>
/// <param name="Hard">The hard limit it is given; null when that stays.</param>
/// <param name="KeptBy">The line that gives it to the process each time it starts.</param>
/// <param name="KeptIn">Where that line belongs.</param>
sealed record ProcessLimitChange(int Pid, long Soft, long? Hard, string KeptBy, string KeptIn)
    : Change(ChangeScope.Process)
{
    /// <inheritdoc/>
    public override string Command =>
        string.Create(CultureInfo.InvariantCulture, $"prlimit --pid {Pid} --nofile={Soft}:{Hard}");

    /// <inheritdoc/>
    public override string Line => KeptBy;

    /// <inheritdoc/>
    public override string File => KeptIn;
}

/// <summary>
/// A text in one line of a file that is replaced by another; nothing when that line does not have it.
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="Number">The line, from 1 on.</param>
/// <param name="Old">The text that is there, which ends with a word.</param>
/// <param name="New">The text that is put there.</param>
sealed record LineEdit(string Path, long Number, string Old, string New) : Change(ChangeScope.File)
{
    /// <inheritdoc/>
    public override string Command =>
        string.Create(CultureInfo.InvariantCulture, $@"sed -i '{Number}s/{Old}\b/{New}/' {ShellWord.Quote(Path)}");
}

/// <summary>
/// Ports that are taken off their bridge. It is one simple command, so that sudo, ip netns exec and nsenter can stand
/// before it.
/// </summary>
/// <param name="Ports">Their names, which can be written into a command as they are.</param>
sealed record BridgePortRemoval(ImmutableArray<string> Ports) : Change(ChangeScope.Namespace)
{
    /// <inheritdoc/>
    public override string Command =>
        $"sh -c 'for port do ip link set dev \"$port\" nomaster; done' sh "
        + $"{string.Join(' ', Ports.Select(ShellWord.Quote))}";
}
