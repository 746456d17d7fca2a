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
sealed class DiagnosisPrinter(TextWriter output, bool inColour)
{
    const int Width = 80;
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
            diagnosis.Snapshot.Get<TcpSockets>().TryGet(out var tcp)
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
        Wrapped(problem.Name, "", "", problem.Condition);
        if (problem.Worst is null)
            Wrapped(problem.Evidence + ".", "  ");
        else
            Line("  used", problem.Evidence);
        if (problem.Holder.Length > 0)
            Line("  holder", problem.Holder);
        if (problem.Owner.Length > 0)
            Line("  of", problem.Owner);

        // One reading, or two a moment apart, show no trend.
        if (problem.When(new UtilizationHistory()) is { Length: > 0 } when)
            Line("  when", when);
        if (problem.Others.Length > 0)
            Wrapped(problem.Others, "  ");
        Line("  shows as", string.Join(", ", problem.Codes));
        foreach (var effect in problem.Effects)
            Line("  and", effect);
        Print(problem.Remedy);
    }

    void Print(Remedy remedy)
    {
        Wrapped(remedy.Advice, "  ");
        if (remedy.Command is { } command)
            Copyable("  now", command);
        if (remedy.Where is { } place)
            Line("  where", place);
        if (remedy.Persistence is { } persistence)
        {
            foreach (var (index, line) in persistence.Split('\n').Index())
                Copyable(index == 0 ? "  to keep it" : "", line);
            Line("  in", $"{remedy.File}{(remedy.NeedsRestart ? ", then start the program again" : "")}");
        }

        if (remedy.Drift is { } drift)
            Wrapped(drift, "  ");
        if (remedy.Warning is { } warning)
            Wrapped("Mind: " + warning, "  ");
    }

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

    /// <summary>Prints a line without wrapping it, so that it can be copied.</summary>
    void Copyable(string label, string text) =>
        output.WriteLine($"{label.PadRight(LabelWidth)}{VisibleText.Escape(text)}");

    /// <summary>
    /// Wraps text at the width of a terminal; a longer word stays whole. The text contains names that any user chooses,
    /// so control characters of the terminal are escaped.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="indent">The start of every line but the first.</param>
    /// <param name="first">The start of the first line; null for the same.</param>
    /// <param name="condition">A condition whose word comes next, in its colour.</param>
    /// <param name="behind">The text directly after that word.</param>
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
        var line = first + word + behind;
        var isFirst = true;
        var isEmpty = word.Length == 0;
        foreach (
            var part in VisibleText
                .Escape(text)
                .Split(' ', text.Length == 0 ? StringSplitOptions.RemoveEmptyEntries : StringSplitOptions.None)
        )
        {
            if (!isEmpty && line.Length + 1 + part.Length > Width)
            {
                Write(line);
                line = indent;
                isEmpty = true;
            }

            line += isEmpty ? part : " " + part;
            isEmpty = false;
        }

        Write(line);

        void Write(string line)
        {
            output.WriteLine(
                isFirst && inColour && colour > 0
                    ? $"{first}\e[1;{colour}m{word}\e[0m{line[(first.Length + word.Length)..]}"
                    : line
            );
            isFirst = false;
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
