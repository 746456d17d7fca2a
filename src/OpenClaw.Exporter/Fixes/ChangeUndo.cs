using System.Collections.Immutable;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Fixes;

/// <summary>Puts back the values that the changes of a fix replaced.</summary>
/// <param name="proc">The mounted procfs.</param>
/// <param name="writer">Makes changes.</param>
sealed class ChangeUndo(ProcMount proc, ChangeWriter writer)
{
    /// <summary>
    /// Puts the values before back, the last change first. Returns the changes that could not be undone, each with the
    /// reason.
    /// </summary>
    /// <param name="changes">The changes.</param>
    /// <param name="record">Their fix.</param>
    /// <param name="isWhole">True to overwrite any value, because it can only be a half-made one.</param>
    public IEnumerable<string> UndoAll(ImmutableArray<Change> changes, FixRecord record, bool isWhole)
    {
        var isSameBoot = record.BootId == BootId();
        foreach (var change in changes.Reverse())
        {
            if (!isSameBoot && EndsAtReboot(change, record))
                continue;
            var read = writer.Read(change, record.Place);
            if (!read.TryGet(out var present))
            {
                if (read.Outcome != Outcome.Gone)
                    yield return read.Missing!.Detail;
                continue;
            }

            ChangeWriter.RemoveTraces(change);
            if (present == ChangeWriter.StateBefore(change))
                continue;
            var isHalf = isWhole || change is BridgePortRemoval or BridgePortAddition;
            if (!isHalf && present != ChangeWriter.StateAfter(change))
                yield return $"{change.Target}: changed by others since; not '{change.After}' any more";
            else if (writer.Write(change.Inverse!, record.Place) is { } failure)
                yield return failure.Detail;
        }
    }

    /// <summary>Returns true where a fix changed anything that is still there.</summary>
    public bool CanUndo(FixRecord record)
    {
        var isSameBoot = record.BootId == BootId();
        return record.Changes.Any(change =>
            (isSameBoot || !EndsAtReboot(change, record)) && writer.Read(change, record.Place).Outcome != Outcome.Gone
        );
    }

    /// <summary>A process ends with a reboot, and so does each network namespace but the machine's.</summary>
    static bool EndsAtReboot(Change change, FixRecord record) =>
        change.Scope == ChangeScope.Process
        || (change.Scope == ChangeScope.Namespace && record.Place is { IsMachine: false });

    /// <summary>Returns the id of this start of the kernel; empty when it cannot be read.</summary>
    public string BootId() => proc.ReadText("sys/kernel/random/boot_id").TryGet(out var id) ? id.TrimEnd('\n') : "";
}
