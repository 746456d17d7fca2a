using System.Globalization;
using OpenClaw.Exporter.Fixes;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Cli;

/// <summary>Prints plans and results of fixes.</summary>
/// <param name="output">The output.</param>
sealed class FixPrinter(TextWriter output)
{
    const int LabelWidth = 18;
    const string ByHand = "by hand: ";

    /// <summary>Prints the problem, each step and its undo.</summary>
    /// <param name="target">The problem.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="isPermanent">True where files are changed too.</param>
    public void PrintPlan(FixTarget target, FixPlan plan, bool isPermanent)
    {
        Wrapped($"{target.Condition.ToString().ToUpperInvariant()} {target.Title}: {target.Evidence}.");
        Wrapped(target.Remedy.Advice);
        var number = 0;
        foreach (var change in plan.Changes.Concat(isPermanent ? plan.Permanent : []))
        {
            output.WriteLine();
            Line(string.Create(CultureInfo.InvariantCulture, $"step {++number}"), change.Target);
            Line("  from", Words(change.Before));
            Line("  to", Words(change.After));
            if (change.Scope == ChangeScope.Namespace && plan.Remedy.Netns is { } netns)
                Line("  in", $"network namespace {netns.Name}");
            if (change is not FileChange)
                Copied("  undo by hand", change.Inverse is { } undo ? plan.Remedy.CommandFor(undo) : "unknown");
        }

        output.WriteLine();
        var permanence = Permanence(plan, isPermanent);
        Line("permanent", permanence);
        if (permanence.StartsWith(ByHand, StringComparison.Ordinal))
            Line("  file", plan.Remedy.File ?? "unknown");
        if (plan.Remedy.NeedsRestart && Restart(plan) is { } restart)
            Line("restart", restart);
        if (plan.Remedy.Warning is { } warning)
            Wrapped($"Caution: {warning}");
    }

    /// <summary>Prints a line behind a label.</summary>
    public void Line(string label, string text)
    {
        foreach (var line in TerminalText.Wrap(text, new(' ', LabelWidth), label.PadRight(LabelWidth)))
            output.WriteLine(line);
    }

    /// <summary>Prints a sentence.</summary>
    public void Wrapped(string text)
    {
        foreach (var line in TerminalText.Wrap(text, ""))
            output.WriteLine(line);
    }

    static string Permanence(FixPlan plan, bool isPermanent)
    {
        if (plan.Remedy.Persistence is not { } lines)
            return plan.Changes is [FileChange, ..] ? "the file keeps it" : "no file can keep it";
        if (isPermanent && !plan.Permanent.IsEmpty)
            return $"{string.Join(", ", plan.Permanent.Select(static file => file.Target))} keeps it";
        if (plan.Remedy.OtherFile is null && !plan.Permanent.IsEmpty)
            return "not until the fix is kept";
        var whole = lines.Replace("\n", "; ", StringComparison.Ordinal);
        return ByHand + whole;
    }

    static string? Restart(FixPlan plan) =>
        plan.Changes switch
        {
            [ProcessLimitChange { Unit: { } unit }, ..] =>
                $"not needed for the running process; systemctl daemon-reload before the next start of {unit}",
            [ProcessLimitChange, ..] => "not needed for the running process",
            _ => "of the program, for the change",
        };

    static string Words(string? value) =>
        value switch
        {
            null => "unknown",
            "" => "empty",
            _ => value,
        };

    void Copied(string label, string text) =>
        output.WriteLine($"{label.PadRight(LabelWidth)}{VisibleText.Escape(text)}");
}
