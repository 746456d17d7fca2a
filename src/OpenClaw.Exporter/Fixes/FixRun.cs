using System.Collections.Immutable;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Kernel.Text;
using OpenClaw.Kernel.Writes;

namespace OpenClaw.Exporter.Fixes;

/// <summary>
/// Applies, keeps and undoes fixes. A fix is on the disk before its first change, and a fix that fails half-way is
/// undone. A lock keeps several fixes from working at the same time.
/// </summary>
/// <param name="proc">The mounted procfs.</param>
/// <param name="records">The records of fixes.</param>
/// <param name="writer">Makes changes.</param>
/// <param name="clock">The clock.</param>
sealed class FixRun(ProcMount proc, FixRecords records, ChangeWriter writer, TimeProvider clock)
{
    /// <summary>The wait for the lock, which the server has for some milliseconds.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(50);

    readonly ChangeUndo _undo = new(proc, writer);

    /// <summary>Creates the fixes of a machine.</summary>
    /// <param name="proc">The mount point of procfs.</param>
    /// <param name="root">The mount point of the machine's root file system.</param>
    public static FixRun Create(string proc, string root)
    {
        var mount = new ProcMount(proc);
        var writes = new SystemWrites();
        return new(mount, new(root, writes), new(mount, writes), TimeProvider.System);
    }

    /// <summary>Carries out a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="isTrial">True to leave the permanent files as they are until the fix is kept.</param>
    /// <param name="isPermanent">True to change the permanent files.</param>
    /// <param name="trial">The lock that marks a trial as alive; null for another fix.</param>
    public FixOutcome Apply(FixPlan plan, bool isTrial, bool isPermanent, out IDisposable? trial)
    {
        trial = null;
        if (plan.Obstacle is { } obstacle)
            return obstacle;
        if (Lock(out var held) is { } locked)
            return locked;
        using (held)
        {
            if (!records.Read().TryGet(out var earlier))
                return ChangeWriter.Explain(records.Read().Missing!);
            var permanent = isPermanent ? plan.Permanent : [];
            var record = new FixRecord
            {
                Id = earlier.IsEmpty ? 1 : earlier[^1].Id + 1,
                Problem = plan.Problem,
                About = plan.About,
                Time = clock.GetUtcNow(),
                BootId = _undo.BootId(),
                State = FixState.Applying,
                Place = plan.Place,
                Changes = isTrial ? plan.Changes : [.. plan.Changes, .. permanent],
                Permanent = isTrial ? permanent : [],
            };
            if (FirstChanged(record) is { } changed)
                return changed;
            var failure = isTrial ? records.LockNew(record, out trial) : null;
            failure ??= records.Save(record) ?? Make(record.Changes, record.Place);
            var done = record with { State = isTrial ? FixState.Trial : FixState.Applied };
            failure ??= records.Save(done);
            if (failure is null)
            {
                Forget(earlier);
                return new(done);
            }

            trial?.Dispose();
            return Abandon(record, failure);
        }
    }

    /// <summary>Makes the trials permanent: their time-out has no effect any more.</summary>
    /// <param name="isPermanent">True to change the permanent files.</param>
    public FixOutcome Keep(bool isPermanent)
    {
        if (Lock(out var held) is { } locked)
            return locked;
        using (held)
        {
            var read = records.Read();
            if (!read.TryGet(out var all))
                return ChangeWriter.Explain(read.Missing!);
            if (all.LastOrDefault(static record => record.State == FixState.Trial) is not { } trial)
                return new WriteFailure("no fix is on trial");
            var permanent = isPermanent ? trial.Permanent : [];
            var kept = trial with
            {
                State = FixState.Applied,
                Changes = [.. trial.Changes, .. permanent],
                Permanent = [],
            };

            // The record names the files before they change, as for a new fix.
            if (FirstChanged(kept with { Changes = permanent }) is { } changed)
                return changed;
            var begun = records.Save(kept with { State = FixState.Applying });
            if ((begun ?? Make(permanent, null) ?? records.Save(kept)) is { } failure)
            {
                ImmutableArray<string> left = [.. _undo.UndoAll(permanent, trial, isWhole: true)];
                _ = records.Save(trial);
                return new(trial, failure, left);
            }

            return new(kept);
        }
    }

    /// <summary>Undoes a fix.</summary>
    /// <param name="id">The number of the fix; null for the latest.</param>
    public FixOutcome Undo(int? id)
    {
        if (Lock(out var held) is { } locked)
            return locked;
        using (held)
        {
            var read = records.Read();
            if (!read.TryGet(out var all))
                return ChangeWriter.Explain(read.Missing!);
            if (all.LastOrDefault(record => id is null || record.Id == id) is { } record)
                return UndoRecord(record);
            return new WriteFailure(
                id is null || all.IsEmpty ? "no fix to undo" : $"no fix {id} to undo; fixes: {Ids(all)}"
            );
        }
    }

    /// <summary>
    /// Undoes the fixes whose process has ended too early: killed half-way, or before the end of their trial.
    /// </summary>
    public ImmutableArray<FixOutcome> UndoInterrupted()
    {
        if (!records.Exist || (records.Read().TryGet(out var seen) && seen.All(IsApplied)))
            return [];
        if (records.Lock(out var held) is { } locked)
            return [locked];
        if (held is null)
            return [];
        using (held)
        {
            var read = records.Read();
            if (!read.TryGet(out var all))
                return [ChangeWriter.Explain(read.Missing!)];
            var outcomes = ImmutableArray.CreateBuilder<FixOutcome>();
            foreach (var record in all.Reverse().Where(static record => !IsApplied(record)))
            {
                if (records.IsInterrupted(record))
                    outcomes.Add(UndoRecord(record));
            }

            return outcomes.ToImmutable();
        }
    }

    /// <summary>Returns true until a trial was kept or undone.</summary>
    public bool IsOnTrial(FixRecord trial) =>
        !records.Read().TryGet(out var all)
        || all.Any(record => record.Id == trial.Id && record.State != FixState.Applied);

    /// <summary>
    /// Removes the records of fixes that nothing is left of, and the oldest ones above the limit. A record that cannot
    /// be removed is tried again by the next fix.
    /// </summary>
    void Forget(ImmutableArray<FixRecord> earlier)
    {
        var undoable = earlier.Where(record => !IsApplied(record) || _undo.CanUndo(record)).ToHashSet();
        var kept = earlier.Where(undoable.Contains).TakeLast(FixRecords.AtMost - 1).ToHashSet();
        foreach (var record in earlier.Where(record => IsApplied(record) && !kept.Contains(record)))
            _ = records.Remove(record);
    }

    FixOutcome UndoRecord(FixRecord record)
    {
        ImmutableArray<string> left = [.. _undo.UndoAll(record.Changes, record, isWhole: false)];
        return new(record, left.IsEmpty ? records.Remove(record) : new($"fix {record.Id} is not undone"), left);
    }

    /// <summary>Undoes a fix that failed half-way.</summary>
    FixOutcome Abandon(FixRecord record, WriteFailure failure)
    {
        var left = _undo.UndoAll(record.Changes, record, isWhole: true).ToImmutableArray();
        if (left.IsEmpty && records.Remove(record) is { } unremoved)
            left = [unremoved.Detail];
        return new(left.IsEmpty ? null : record, failure, left);
    }

    WriteFailure? Make(ImmutableArray<Change> changes, NamespacePlace? place) =>
        changes.Select(change => writer.Write(change, place)).FirstOrDefault(static failure => failure is not null);

    /// <summary>Returns the first value that is not as the fix expects it; null where all are.</summary>
    WriteFailure? FirstChanged(FixRecord record)
    {
        foreach (var change in record.Changes)
        {
            var read = writer.Read(change, record.Place);
            if (!read.TryGet(out var present))
                return ChangeWriter.Explain(read.Missing!);
            if (ChangeWriter.StateBefore(change) is not { } expected)
                return new($"{change.Target}: the present value is unknown");
            if (present != expected)
                return new($"{change.Target}: no longer '{change.Before}' as in the plan; make a new plan");
        }

        return null;
    }

    WriteFailure? Lock(out IDisposable? held)
    {
        var start = clock.GetTimestamp();
        while (true)
        {
            if (records.Lock(out held) is { } failure)
                return failure;
            if (held is not null)
                return null;
            if (clock.GetElapsedTime(start) > Patience)
                return new($"{records.Folder}: another fix is at work; try again");
            Thread.Sleep(BetweenTries);
        }
    }

    static bool IsApplied(FixRecord record) => record.State == FixState.Applied;

    static string Ids(ImmutableArray<FixRecord> all) =>
        all.IsEmpty ? "none" : string.Join(", ", all.Select(static record => record.Id));
}
