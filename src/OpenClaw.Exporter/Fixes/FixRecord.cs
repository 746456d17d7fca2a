using System.Collections.Immutable;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Kernel.Writes;

namespace OpenClaw.Exporter.Fixes;

/// <summary>The state of a fix.</summary>
enum FixState
{
    /// <summary>Its changes are being made or undone. Where its process has ended, they are undone.</summary>
    Applying,

    /// <summary>It is undone after a time, and where its process has ended.</summary>
    Trial,

    /// <summary>It stays until it is undone.</summary>
    Applied,
}

/// <summary>
/// A fix with everything that its undo needs. It is on the disk before the first change, so that a fix whose process
/// was killed can be undone.
/// </summary>
sealed record FixRecord
{
    /// <summary>The number of the fix, from 1.</summary>
    public required int Id { get; init; }

    /// <summary>The problem that it is for.</summary>
    public required string Problem { get; init; }

    /// <summary>The same problem, as episodes name it.</summary>
    public FixProblem About { get; init; } = FixProblem.None;

    /// <summary>The time at which it began.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The start of the kernel during which it was made. A reboot undoes its running values.</summary>
    public required string BootId { get; init; }

    /// <summary>The state.</summary>
    public required FixState State { get; init; }

    /// <summary>The network namespace of changes with that scope.</summary>
    public NamespacePlace? Place { get; init; }

    /// <summary>The changes in their order, each with its value before.</summary>
    public required ImmutableArray<Change> Changes { get; init; }

    /// <summary>The changes of the undo, the last one first.</summary>
    public IEnumerable<Change> Undoing => Changes.Reverse().Select(static change => change.Inverse!);

    /// <summary>The changes that make it permanent, once it is kept. None where it is permanent already.</summary>
    public ImmutableArray<Change> Permanent { get; init; } = [];
}
