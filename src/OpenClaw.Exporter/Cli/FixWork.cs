using System.Globalization;
using System.Runtime.InteropServices;
using OpenClaw.Exporter.Fixes;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Writes;

namespace OpenClaw.Exporter.Cli;

/// <summary>Applies, keeps and undoes fixes, and prints the results.</summary>
/// <param name="Run">Applies fixes.</param>
/// <param name="Log">The system log.</param>
/// <param name="Diary">The diary, from which episodes take what a fix did.</param>
/// <param name="Printer">The output.</param>
/// <param name="IsPermanent">True where files are changed too.</param>
sealed record FixWork(FixRun Run, FixLog Log, FixDiary Diary, FixPrinter Printer, bool IsPermanent)
{
    /// <summary>The time between two looks at a trial that may have been kept.</summary>
    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    const string NotApplied = "not applied";

    /// <summary>Prints the plan and what to do with it.</summary>
    public int PrintPlan(FixTarget target, FixPlan plan)
    {
        Printer.PrintPlan(target, plan, IsPermanent);
        if (plan.Changes.IsEmpty)
            return Helpless();
        Printer.Line("undo", "openclaw-exporter fix --undo");
        if (plan.Remedy.Where is { } place)
            Printer.Line("where", place);
        if (plan.Obstacle is { } obstacle)
            Printer.Wrapped($"This plan cannot be applied here: {obstacle.Detail}.");
        else
            Printer.Wrapped("Nothing is changed. --apply makes these changes.");
        return ExitCodes.Ok;
    }

    /// <summary>Carries out a plan, and waits for the end of a trial.</summary>
    /// <param name="target">The problem.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="time">The time after which it is undone; zero to keep it.</param>
    /// <param name="diagnose">Makes a new diagnosis.</param>
    public async Task<int> ApplyAsync(FixTarget target, FixPlan plan, TimeSpan time, Func<Task<Diagnosis>> diagnose)
    {
        var isTrial = time > TimeSpan.Zero;
        Printer.PrintPlan(target, plan, IsPermanent && !isTrial);
        if (plan.Changes.IsEmpty)
            return Helpless();
        using var end = new CancellationTokenSource();
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hungUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        var start = TimeProvider.System.GetTimestamp();
        var outcome = Run.Apply(plan, isTrial, IsPermanent, out var trial);
        using (trial)
        {
            if (outcome is not { Failure: null, Record: { } record })
                return Explain(NotApplied, outcome, plan.Remedy.Where);
            Tell(FixEntry.Applied, "applied", FixEntry.Words(record.Changes), record);
            Printer.Line("before", target.Evidence);
            Printer.Line("after", target.Later(await diagnose()));
            Printer.Line("undo", $"openclaw-exporter fix --undo {Id(record)}");
            if (!isTrial)
                return ExitCodes.Ok;
            Printer.Line("trial", $"undone in {Durations.Format(time)}; openclaw-exporter fix --keep keeps it");
            while (
                Run.IsOnTrial(record)
                && !end.IsCancellationRequested
                && TimeProvider.System.GetElapsedTime(start) < time
            )
            {
                await Task.Delay(BetweenLooks, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (Run.IsOnTrial(record))
                return PrintUndo(Run.Undo(record.Id), "undone at the end of the trial");
            Printer.Wrapped("The trial has ended: the fix was kept or undone by another command.");
            return ExitCodes.Ok;
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            end.Cancel();
        }
    }

    /// <summary>Undoes a fix.</summary>
    /// <param name="id">The number of the fix; null for the latest.</param>
    public int Undo(string? id)
    {
        int? number = null;
        if (id is not null)
        {
            if (!int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed))
            {
                Complaint.Print($"--undo: expected the number of a fix, found '{OneLine.From(id)}'");
                return ExitCodes.Usage;
            }

            number = parsed;
        }

        return PrintUndo(Run.Undo(number), "undone");
    }

    /// <summary>Makes the fix on trial permanent.</summary>
    public int Keep()
    {
        var outcome = Run.Keep(IsPermanent);
        if (outcome is not { Failure: null, Record: { } record })
            return Explain("not kept", outcome, null);
        Tell(FixEntry.Kept, "kept", FixEntry.Words(record.Changes), record);
        return ExitCodes.Ok;
    }

    /// <summary>
    /// Undoes the fixes whose process was killed, and prints a line for each. Returns true where all are undone, and
    /// there was one.
    /// </summary>
    public bool UndoInterrupted()
    {
        var codes = Run.UndoInterrupted()
            .Select(outcome => PrintUndo(outcome, "undone, because its process had ended"))
            .ToList();
        return codes.Count > 0 && codes.TrueForAll(static code => code == ExitCodes.Ok);
    }

    int PrintUndo(FixOutcome outcome, string done)
    {
        if (outcome is not { Failure: null, Record: { } record })
            return Explain("not undone", outcome, null);
        Tell(FixEntry.Undone, done, FixEntry.Words(record.Undoing), record);
        return ExitCodes.Ok;
    }

    int Helpless()
    {
        Printer.Wrapped("No command makes room here: follow the advice.");
        return ExitCodes.Unavailable;
    }

    int Explain(string what, FixOutcome outcome, string? place)
    {
        var failure = outcome.Failure ?? new WriteFailure("nothing to do");
        Complaint.Print($"fix: {what}: {OneLine.From(failure.Detail)}");
        foreach (var left in outcome.Left)
            Complaint.Print($"fix: still changed: {OneLine.From(left)}");
        if (outcome.Left.IsEmpty && what == NotApplied)
            Complaint.Print("fix: everything is as before");
        var right = failure.Capability is { } capability ? $"with {capability}" : null;
        if (failure.IsForbidden)
        {
            Complaint.Print(
                $"fix: run it {right ?? place ?? "as root on the host, where /proc/sys and /etc can be written"}"
            );
        }

        Log.Write($"fix {what}: {failure.Detail}");
        return failure.IsForbidden ? ExitCodes.NotPermitted : ExitCodes.NotFixed;
    }

    void Tell(string action, string done, string changes, FixRecord record)
    {
        var text = $"{done}: {changes}";
        Printer.Line($"fix {Id(record)}", text);
        var user = Environment.GetEnvironmentVariable("SUDO_USER") ?? Environment.UserName;
        Log.Write($"fix {Id(record)} by {user}, {record.Problem}, {text}");
        Diary.Add(FixEntry.From(action, record, changes, TimeProvider.System.GetUtcNow()));
    }

    static string Id(FixRecord record) => record.Id.ToString(CultureInfo.InvariantCulture);
}
