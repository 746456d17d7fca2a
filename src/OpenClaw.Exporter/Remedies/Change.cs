using System.Collections.Immutable;

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

/// <summary>
/// A single change of a remedy. Its command, its execution by <c>fix</c> and its undo are forms of the same values.
/// </summary>
/// <param name="Scope">The part of the system that it affects.</param>
abstract record Change(ChangeScope Scope)
{
    /// <summary>The command that changes the running system.</summary>
    public abstract string Command { get; }

    /// <summary>The name of the changed thing: a sysctl, a process's limit, a bridge or a file.</summary>
    public abstract string Target { get; }

    /// <summary>The value before the change, in words; null when it is unknown.</summary>
    public abstract string? Before { get; }

    /// <summary>The value after the change, in words.</summary>
    public abstract string After { get; }

    /// <summary>The change that restores the value before; null when that is unknown.</summary>
    public abstract Change? Inverse { get; }

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
