using System.Globalization;
using System.Text.Json;
using OpenClaw.Exporter.Pools;
using OpenClaw.Exporter.Status;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Procfs;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Cli;

/// <summary>Prints a diagnosis for a person at a terminal, or for a program.</summary>
/// <param name="output">Where it goes.</param>
/// <param name="inColour">Whether escape codes may be used.</param>
sealed class DiagnosisPrinter(TextWriter output, bool inColour)
{
    const int Width = 80;
    const int LabelWidth = 28;
    const int EventsAtMost = 5;

    /// <summary>Whether standard output is a terminal that wants colours (https://no-color.org).</summary>
    public static bool WantsColour =>
        !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>The block that operators of OpenClaw know.</summary>
    public void PrintStatus(Diagnosis diagnosis)
    {
        output.WriteLine("[OpenClaw Status]");
        Line("Network", Painted(diagnosis.Condition));
        Line("Ephemeral Ports Available", Fullest(diagnosis, "ephemeral_connect_ports", static level =>
            level.Limit is { } limit ? FormattableString.Invariant($"{limit - level.Used:N0} of {limit:N0}") : "unlimited"));
        Line("File Descriptors in Use", diagnosis.Snapshot.Get<FileNr>().TryGet(out var files)
            ? FormattableString.Invariant($"{files.Allocated:N0} of {(files.Maximum is { } maximum ? maximum.ToString("N0", null) : "unlimited")}")
            : "unknown");
        Line("Connection Tracking", Fullest(diagnosis, "conntrack_entries", Verdicts.Amount));
        Line("Active TCP Connections", diagnosis.Snapshot.Get<TcpSockets>().TryGet(out var tcp)
            ? FormattableString.Invariant($"{tcp[TcpState.Established]:N0} established, {tcp[TcpState.TimeWait]:N0} in TIME_WAIT")
            : "unknown");
        Wrapped(Verdicts.Of(diagnosis));
    }

    /// <summary>The verdict, and for each pool in trouble who holds it and what to do; all well: the fullest pools.</summary>
    public void PrintDiagnosis(Diagnosis diagnosis)
    {
        Wrapped($"{Painted(diagnosis.Condition)}: {Verdicts.Of(diagnosis)}");
        if (diagnosis.Condition < PoolCondition.Warning)
        {
            output.WriteLine();
            foreach (var fullest in diagnosis.Findings.DistinctBy(static finding => finding.Pool))
                Line(fullest.Pool.Name, $"{Verdicts.Percent(fullest.Level),-9} {Verdicts.Amount(fullest.Level)}");
            foreach (var state in diagnosis.Pools.Where(static state => state.Unread is not null))
                Line(state.Pool.Name, $"unknown: {state.Unread!.Detail}");
        }

        foreach (var trouble in diagnosis.Troubles)
        {
            var finding = trouble.Worst;
            output.WriteLine();
            output.WriteLine($"{Painted(finding.Condition)} {finding.Pool.Name}");
            Line("  used", $"{Verdicts.Amount(finding.Level)} ({Verdicts.Percent(finding.Level)})");
            if (Verdicts.Holder(finding) is { Length: > 0 } holder)
                Line("  holder", holder);
            if (Verdicts.Others(trouble) is { Length: > 0 } others)
                Wrapped(others, "  ");
            Line("  shows as", string.Join(", ", finding.Codes));
            foreach (var effect in diagnosis.EffectsOf(finding))
                Line("  and", Verdicts.Failure(effect));
            Wrapped(finding.Remedy.Advice, "  ");
            if (finding.Remedy.Command is { } command)
                Copyable("  now", command);
            if (finding.Remedy.Persistence is { } persistence)
                Copyable("  to keep it", $"{persistence}   in {finding.Remedy.File}{(finding.Remedy.NeedsRestart ? ", then restart it" : "")}");
            if (finding.Remedy.Drift is { } drift)
                Wrapped(drift, "  ");
            if (finding.Remedy.Warning is { } warning)
                Wrapped("Mind: " + warning, "  ");
        }

        foreach (var failure in diagnosis.Unexplained)
        {
            output.WriteLine();
            output.WriteLine($"{Painted(failure.Condition)} {failure.Symptom.Name}");
            Wrapped(Verdicts.Failure(failure) + ".", "  ");
            Line("  shows as", failure.Alarm!.Code);
            Wrapped(failure.Alarm.Advice, "  ");
        }

        var events = RecentEvents.Of(diagnosis);
        if (!events.IsEmpty)
            output.WriteLine();
        foreach (var seen in events.Take(EventsAtMost))
        {
            var netns = seen.Netns.Length > 0 ? $" in {seen.Netns}" : "";
            Line(seen.Time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), $"{seen.Source}: {seen.Kind}{netns} {seen.Text}".TrimEnd());
        }

        foreach (var run in diagnosis.Snapshot.Runs.Where(static run => run.Failure is not null))
        {
            output.WriteLine();
            var needs = run.Failure!.Reason == Absence.NotPermitted && Privileges.Of(run.Reader.Name) is { Length: > 0 } capability ? $" (needs {capability})" : "";
            Wrapped($"{Painted(PoolCondition.Unknown)} {run.Reader.Name}: {run.Failure.Detail}{needs}");
        }
    }

    /// <summary>The document that the page's address /api/v1/diagnosis serves.</summary>
    public void PrintJson(Diagnosis diagnosis) =>
        output.WriteLine(JsonSerializer.Serialize(DiagnosisDocument.Of(diagnosis, new UtilizationHistory()), DiagnosisJson.Default.DiagnosisDocument));

    static string Fullest(Diagnosis diagnosis, string pool, Func<PoolLevel, string> text) =>
        diagnosis.Findings.FirstOrDefault(finding => finding.Pool.Name == pool) is { } finding ? text(finding.Level) : "unknown";

    void Line(string label, string text) => Wrapped(text, new(' ', LabelWidth), label.PadRight(LabelWidth));

    /// <summary>A line that is never broken, for it will be copied.</summary>
    void Copyable(string label, string text) => output.WriteLine($"{label.PadRight(LabelWidth)}{text}");

    string Painted(PoolCondition condition)
    {
        var (word, colour) = condition switch
        {
            PoolCondition.Critical => ("CRITICAL", 31),
            PoolCondition.Warning => ("WARNING", 33),
            PoolCondition.Ok => ("OK", 32),
            _ => ("UNKNOWN", 35),
        };
        return inColour ? $"\e[1;{colour}m{word}\e[0m" : word;
    }

    void Wrapped(string text, string indent = "", string? first = null)
    {
        var line = first ?? indent;
        var isEmpty = true;
        foreach (var word in text.Split(' '))
        {
            if (!isEmpty && line.Length + 1 + word.Length > Width)
            {
                output.WriteLine(line);
                line = indent;
                isEmpty = true;
            }

            line += isEmpty ? word : " " + word;
            isEmpty = false;
        }

        output.WriteLine(line);
    }
}
