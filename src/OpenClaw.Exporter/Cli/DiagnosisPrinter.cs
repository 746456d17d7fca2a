using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Exporter.Status;
using OpenClaw.Exporter.Timeline;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Cli;

/// <summary>Prints a diagnosis for a person at a terminal, or for a program.</summary>
/// <param name="output">The output.</param>
/// <param name="inColour">True to use the terminal's escape codes for colour.</param>
/// <param name="isVerbose">True to print every line of every problem.</param>
sealed class DiagnosisPrinter(TextWriter output, bool inColour, bool isVerbose = false)
{
    /// <summary>The limit on lines for one problem.</summary>
    const int LinesAtMost = 15;

    /// <summary>The limit on other places, and on effects, of one problem.</summary>
    const int RowsAtMost = 5;

    /// <summary>The weight of lines that are never left out.</summary>
    const int Always = 10;

    const int LabelWidth = 28;
    const int EventsAtMost = 5;

    /// <summary>True where standard output is a terminal with colours enabled (https://no-color.org).</summary>
    public static bool WantsColour =>
        !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>Prints the block that operators of OpenClaw know.</summary>
    public void PrintStatus(Diagnosis diagnosis)
    {
        output.WriteLine("[OpenClaw Status]");
        Wrapped("", "", "Network".PadRight(LabelWidth), diagnosis.Condition);
        Line(
            "Ephemeral Ports Available",
            Fullest(diagnosis, PoolCatalogue.EphemeralConnectPorts, static level =>
                level.Limit is { } limit ? $"{Number(limit - level.Used)} of {Number(limit)}" : "unlimited"
            )
        );
        Line(
            "File Descriptors in Use",
            Fullest(diagnosis, PoolCatalogue.SystemFileDescriptors, static level =>
                $"{Number(level.Used)} of {(level.Limit is { } limit ? Number(limit) : "unlimited")}"
            )
        );
        Line("Connection Tracking", Fullest(diagnosis, PoolCatalogue.ConntrackEntries, Verdicts.Amount));
        Line(
            "Active TCP Connections",
            diagnosis.Primary.Get<TcpSockets>().TryGet(out var tcp)
                ? FormattableString.Invariant(
                    $"{tcp[TcpState.Established]:N0} established, {tcp[TcpState.TimeWait]:N0} in TIME_WAIT"
                )
                : "unknown"
        );
        Wrapped(Verdicts.Summarize(diagnosis));
    }

    /// <summary>
    /// Prints the verdict, and for each pool in trouble its holder and remedy. Without trouble, it prints the fullest
    /// pools.
    /// </summary>
    public void PrintDiagnosis(Diagnosis diagnosis)
    {
        Wrapped(Verdicts.Summarize(diagnosis), "", "", diagnosis.Condition, ":");
        Line("host", Verdicts.Host(diagnosis));
        Line("looked at", Verdicts.Scope(diagnosis));
        if (diagnosis.Condition < PoolCondition.Warning)
        {
            output.WriteLine();
            foreach (var fullest in diagnosis.Findings.DistinctBy(static finding => finding.Pool))
                Line(fullest.Pool.Name, $"{Verdicts.Percent(fullest.Level), -9} {Verdicts.Amount(fullest.Level)}");
            foreach (var state in diagnosis.Pools.Where(static state => state.Unread is not null))
                Line(state.Pool.Name, $"unknown: {state.Unread!.Detail}");
        }

        foreach (var problem in diagnosis.Problems)
            Print(problem);

        var events = RecentEvents.Collect(diagnosis);
        if (!events.IsEmpty)
            output.WriteLine();
        foreach (var seen in events.Take(EventsAtMost))
        {
            var netns = seen.Netns.Length > 0 ? $" in {seen.Netns}" : "";
            Line(
                seen.Time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                $"{seen.Source}: {seen.Kind}{netns} {seen.Text}".TrimEnd()
            );
        }

        // An absent feature is not unknown. Most machines lack some feature.
        foreach (var (name, why) in diagnosis.Failures.Where(static failure => failure.Why.IsUnseen))
        {
            output.WriteLine();
            var needs =
                why.Reason == Absence.NotPermitted && Privileges.CapabilityOf(name) is { Length: > 0 } capability
                    ? $" (needs {capability})"
                    : "";
            Wrapped($"{name}: {why.Detail}{needs}", "", "", PoolCondition.Unknown);
        }
    }

    void Print(Problem problem)
    {
        output.WriteLine();
        if (problem.Phase == Phase.Over)
        {
            Wrapped(problem.Evidence + ".");
            return;
        }

        Wrapped(problem.Name, "", "", problem.Condition);
        var lines = Kept(LinesOf(problem));
        foreach (var line in lines)
            output.WriteLine(line);
    }

    /// <summary>
    /// Returns the lines of a problem in their order, without those that matter least where there are too many. A
    /// command is never cut.
    /// </summary>
    IEnumerable<string> Kept(List<(int Weight, ImmutableArray<string> Lines)> parts)
    {
        var cut = 0;
        while (!isVerbose && parts.Sum(static part => part.Lines.Length) + 1 > LinesAtMost - 1)
        {
            var least = parts.FindLastIndex(part => part.Weight == parts.Min(static part => part.Weight));
            if (parts[least].Weight == Always)
                break;
            cut += parts[least].Lines.Length;
            parts.RemoveAt(least);
        }

        var lines = parts.SelectMany(static part => part.Lines);
        return cut == 0
            ? lines
            : lines.Append(string.Create(CultureInfo.InvariantCulture, $"  and {cut} more lines: -v"));
    }

    List<(int Weight, ImmutableArray<string> Lines)> LinesOf(Problem problem)
    {
        var parts = new List<(int Weight, ImmutableArray<string> Lines)>();
        var remedy = problem.Remedy;
        if (problem.Worst is null)
            Add(Always, TerminalText.Wrap(problem.Evidence + ".", "  "));
        else
            Add(Always, Labelled("  used", problem.Evidence));
        if (problem.Holder.Length > 0)
            Add(Always, Labelled("  holder", problem.Holder));
        if (problem.Owner.Length > 0)
            Add(6, Labelled("  of", problem.Owner));

        // One reading, or two a moment apart, show no trend.
        if (problem.When(new UtilizationHistory()) is { Length: > 0 } when)
            Add(7, Labelled("  when", when));
        foreach (var (index, other) in Cut(problem.Others).Index())
            Add(5, Labelled(index == 0 ? "  also" : "", other));
        Add(8, Labelled("  shows as", string.Join(", ", problem.Codes)));
        foreach (var effect in Cut(problem.Effects))
            Add(4, Labelled("  and", effect));
        Add(9, TerminalText.Wrap(remedy.Advice, "  "));
        if (remedy.Command is { } command)
            Add(Always, [Copied("  now", command)]);
        if (remedy.Where is { } place)
            Add(9, Labelled("  where", place));
        if (remedy.Persistence is { } persistence)
        {
            Add(Always, [.. persistence.Split('\n').Select((line, i) => Copied(i == 0 ? "  to keep it" : "", line))]);
            Add(9, Labelled("  in", $"{remedy.File}{(remedy.NeedsRestart ? ", then start the program again" : "")}"));
        }

        if (remedy.Drift is { } drift)
            Add(3, TerminalText.Wrap(drift, "  "));
        if (remedy.Warning is { } warning)
            Add(7, TerminalText.Wrap("Mind: " + warning, "  "));
        return parts;

        void Add(int weight, ImmutableArray<string> lines) => parts.Add((weight, lines));
    }

    /// <summary>Returns the first texts, and how many more there are.</summary>
    IEnumerable<string> Cut(ImmutableArray<string> texts) =>
        isVerbose || texts.Length <= RowsAtMost + 1
            ? texts
            : texts
                .Take(RowsAtMost)
                .Append(string.Create(CultureInfo.InvariantCulture, $"and {texts.Length - RowsAtMost} more: -v"));

    /// <summary>Prints the document that the server returns at /api/v1/diagnosis.</summary>
    public void PrintJson(Diagnosis diagnosis) =>
        output.WriteLine(
            JsonSerializer.Serialize(
                DiagnosisDocument.From(diagnosis, new UtilizationHistory()),
                DiagnosisJson.Default.DiagnosisDocument
            )
        );

    static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    static string Fullest(Diagnosis diagnosis, Pool pool, Func<PoolLevel, string> text) =>
        diagnosis.Findings.FirstOrDefault(finding => finding.Pool == pool) is { } finding
            ? text(finding.Level)
            : "unknown";

    void Line(string label, string text) => Wrapped(text, new(' ', LabelWidth), label.PadRight(LabelWidth));

    static ImmutableArray<string> Labelled(string label, string text) =>
        TerminalText.Wrap(text, new(' ', LabelWidth), label.PadRight(LabelWidth));

    /// <summary>Returns a line that is never wrapped, so that it can be copied.</summary>
    static string Copied(string label, string text) => $"{label.PadRight(LabelWidth)}{VisibleText.Escape(text)}";

    /// <summary>Prints text in lines of a terminal's width, behind a condition's word in its colour.</summary>
    /// <param name="text">The text.</param>
    /// <param name="indent">The start of every line but the first.</param>
    /// <param name="first">The start of the first line; null for the same.</param>
    /// <param name="condition">The condition; null for none.</param>
    /// <param name="behind">The text directly after its word.</param>
    void Wrapped(
        string text,
        string indent = "",
        string? first = null,
        PoolCondition? condition = null,
        string behind = ""
    )
    {
        first ??= indent;
        var (word, colour) = condition is { } named ? Painted(named) : ("", 0);
        foreach (var (index, line) in TerminalText.Wrap(text, indent, first + word + behind).Index())
        {
            output.WriteLine(
                index == 0 && inColour && colour > 0
                    ? $"{first}\e[1;{colour}m{word}\e[0m{line[(first.Length + word.Length)..]}"
                    : line
            );
        }
    }

    static (string Word, int Colour) Painted(PoolCondition condition) =>
        condition switch
        {
            PoolCondition.Critical => ("CRITICAL", 31),
            PoolCondition.Warning => ("WARNING", 33),
            PoolCondition.Ok => ("OK", 32),
            _ => ("UNKNOWN", 35),
        };
}
