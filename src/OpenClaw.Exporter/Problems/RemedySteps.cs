using System.Collections.Immutable;
using OpenClaw.Exporter.Remedies;

namespace OpenClaw.Exporter.Problems;

/// <summary>Lays out a remedy as steps: room now, then for good, then the cause.</summary>
static class RemedySteps
{
    const string ItsPlan = "a plan; --apply makes it";

    /// <summary>Returns the steps of a problem; only the cause where no command helps.</summary>
    public static ImmutableArray<Step> From(Problem problem)
    {
        var remedy = problem.Remedy;
        var steps = ImmutableArray.CreateBuilder<Step>(5);
        if (remedy.Command is { } command)
            steps.Add(new($"Make room now{(remedy.Where is { } place ? ", " + place : "")}", command, Lasts(remedy)));
        if (remedy.Persistence is { } lines)
        {
            var restart = remedy.NeedsRestart ? ", then restart the program" : "";
            steps.Add(new($"Keep it: {remedy.File}{restart}", lines, remedy.Drift ?? ""));
        }

        if (problem.Fix is { } fix)
            steps.Add(new("Or with an undo:", fix, ItsPlan) { IsBrief = true, IsOther = true });
        var cause = new Step(steps.Count > 0 ? $"Mend the cause: {remedy.Advice}" : remedy.Advice, null, "");
        if (problem.Check is { } check)
            steps.Add(new("Check new connections:", check, "") { IsBrief = true, IsOther = true });

        // Room comes before the cause. Without a command for room, the cause is the only thing to do.
        steps.Insert(cause.Text == remedy.Advice ? 0 : steps.Count, cause);
        return steps.ToImmutable();
    }

    static string Lasts(Remedy remedy) =>
        remedy.Changes switch
        {
            [SysctlChange, ..] => "no restart; lost at reboot",
            [ProcessLimitChange, ..] => "no restart; lost when the process ends",
            _ => "",
        };
}
