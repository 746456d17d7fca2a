using System.CommandLine;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Fixes;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Cli;

/// <summary>The command fix.</summary>
static class FixCommand
{
    /// <summary>Creates the command.</summary>
    /// <param name="diagnose">Reads the kernel, and again after a time in which counters may rise.</param>
    public static Command Create(Func<ParseResult, TimeSpan, Task<Diagnosis>> diagnose)
    {
        var problem = new Argument<string?>("PROBLEM") { Arity = ArgumentArity.ZeroOrOne };
        var subject = new Argument<string?>("SUBJECT") { Arity = ArgumentArity.ZeroOrOne };
        var apply = new Option<bool>("--apply") { Description = "Make the changes. Needs root." };
        var trial = ExporterFlags.TrialTime();
        var noPersist = new Option<bool>("--no-persist") { Description = "Change the running system only, no file." };
        var keep = new Option<bool>("--keep") { Description = "Keep the fix that is on trial (--for)." };
        var undo = new Option<string?>("--undo")
        {
            Description = "Put everything back that a fix changed: the latest one, or the one of a number.",
            HelpName = "number",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var observe = ExporterFlags.Observe();
        var command = new Verb(
            "fix",
            "Prints the steps that free a resource: each value before and after, and the undo. --apply makes them. "
                + "PROBLEM is the place in the list of diagnose, or a pool. SUBJECT is a part of its owner, "
                + "destination or network namespace.",
            "fix ephemeral_connect_ports",
            "fix 1 --apply --for=10m"
        )
        {
            problem,
            subject,
            apply,
            trial,
            noPersist,
            keep,
            undo,
            observe,
        };
        command.SetAction(async result =>
        {
            var proc = new ProcMount(result.GetRequiredValue(ExporterFlags.ProcPath));
            var root = result.GetRequiredValue(ExporterFlags.RootPath);
            var writer = new ChangeWriter(proc, new());
            var work = new FixWork(
                FixRun.Create(proc.Root, root),
                new(root),
                new(root, new()),
                new(Console.Out),
                IsPermanent: !result.GetValue(noPersist)
            );
            var undoes = result.GetResult(undo) is { Implicit: false };
            var changes = undoes || result.GetValue(keep) || result.GetValue(apply);
            if (changes && !Environment.IsPrivilegedProcess)
            {
                Complaint.Print("fix: only root may change the machine; without --apply it prints the plan");
                return ExitCodes.NotPermitted;
            }

            var hasUndone = changes && work.UndoInterrupted();
            if (undoes)
            {
                // The interrupted fix was the latest one.
                var id = result.GetValue(undo);
                return hasUndone && id is null ? ExitCodes.Ok : work.Undo(id);
            }

            if (result.GetValue(keep))
                return work.Keep();
            var diagnosis = await diagnose(result, result.GetRequiredValue(observe));
            var found = FixTarget.Find(diagnosis, result.GetValue(problem), result.GetValue(subject));
            if (!found.TryGet(out var target))
            {
                if (found.Outcome != Outcome.None)
                {
                    Complaint.Print($"fix: {found.Missing!.Detail}");
                    return ExitCodes.Usage;
                }

                if (diagnosis.Condition == PoolCondition.Unknown)
                {
                    Complaint.Print($"fix: {Verdicts.Summarize(diagnosis)}");
                    return ExitCodes.Unavailable;
                }

                work.Printer.Wrapped($"Nothing to fix: {Verdicts.Summarize(diagnosis)}");
                return ExitCodes.Ok;
            }

            var plan = FixPlan.Create(target.Title, target.Remedy, proc, root, writer) with { About = target.About };
            if (!result.GetValue(apply))
                return work.PrintPlan(target, plan);
            var time = result.GetRequiredValue(trial);
            return await work.ApplyAsync(target, plan, time, () => diagnose(result, TimeSpan.Zero));
        });
        return command;
    }
}
