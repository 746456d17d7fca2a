using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Remedies;

/// <summary>The part of the system that a change affects. Its command has to run there.</summary>
enum ChangeScope
{
    /// <summary>The network namespace of the pool.</summary>
    Namespace,

    /// <summary>The machine, in every network namespace.</summary>
    Host,

    /// <summary>A process.</summary>
    Process,

    /// <summary>A file that is not the kernel's.</summary>
    File,
}

/// <summary>A single change of a remedy.</summary>
/// <param name="Scope">The part of the system that it affects.</param>
abstract record Change(ChangeScope Scope)
{
    /// <summary>The command that changes the running system.</summary>
    public abstract string Command { get; }

    /// <summary>The line that makes the change permanent across a reboot or restart; null when there is none.</summary>
    public virtual string? Line => null;

    /// <summary>The file for that line; null when there is none.</summary>
    public virtual string? File => null;

    /// <summary>
    /// Returns the command for all changes; null when there are none. A single command sets all sysctls.
    /// </summary>
    public static string? CommandFor(ImmutableArray<Change> changes) =>
        changes switch
        {
            [] => null,
            [SysctlChange, ..] => "sysctl -w "
                + string.Join(' ', changes.OfType<SysctlChange>().Select(static change => change.Setting)),
            [var only, ..] => only.Command,
        };
}

/// <summary>A new value of a sysctl.</summary>
/// <param name="Key">The name with dots.</param>
/// <param name="New">The new value.</param>
/// <param name="Scope">The scope of the sysctl: each network namespace's, or the machine's.</param>
sealed record SysctlChange(string Key, string New, ChangeScope Scope = ChangeScope.Namespace) : Change(Scope)
{
    /// <summary>The file that makes it permanent.</summary>
    public const string PersistenceFile = "/etc/sysctl.d/90-openclaw.conf";

    /// <summary>The present value, which an undo restores; null when it is unknown.</summary>
    public string? Old { get; init; }

    /// <summary>The key and value as the command takes them.</summary>
    public string Setting => New.Contains(' ', StringComparison.Ordinal) ? $"{Key}=\"{New}\"" : $"{Key}={New}";

    /// <inheritdoc/>
    public override string Command => $"sysctl -w {Setting}";

    /// <inheritdoc/>
    public override string Line => $"{Key} = {New}";

    /// <inheritdoc/>
    public override string File => PersistenceFile;
}

/// <summary>A new limit on open files of a running process.</summary>
/// <param name="Pid">The process.</param>
/// <param name="Soft">The new soft limit.</param>
/// <param name="Hard">The new hard limit; null when it does not change.</param>
/// <param name="KeptBy">The line that sets the limit at each start of the process.</param>
/// <param name="KeptIn">The place for that line.</param>
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
/// A replacement of text in one line of a file. The command changes nothing when the line does not have the text.
/// </summary>
/// <param name="Path">The path of the file.</param>
/// <param name="Number">The number of the line, from 1.</param>
/// <param name="Old">The old text, which ends with a word.</param>
/// <param name="New">The new text.</param>
sealed record LineEdit(string Path, long Number, string Old, string New) : Change(ChangeScope.File)
{
    /// <inheritdoc/>
    public override string Command =>
        string.Create(CultureInfo.InvariantCulture, $@"sed -i '{Number}s/{Old}\b/{New}/' {ShellWord.Quote(Path)}");
}

/// <summary>
/// A removal of ports from their bridge. It is one simple command, so that sudo, ip netns exec and nsenter can precede
/// it.
/// </summary>
/// <param name="Ports">The names of the ports, which can be written into a command unchanged.</param>
sealed record BridgePortRemoval(ImmutableArray<string> Ports) : Change(ChangeScope.Namespace)
{
    /// <inheritdoc/>
    public override string Command =>
        $"sh -c 'for port do ip link set dev \"$port\" nomaster; done' sh "
        + $"{string.Join(' ', Ports.Select(ShellWord.Quote))}";
}
