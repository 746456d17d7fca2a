using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Episodes;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Status;
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
    const int LabelWidth = 28;
    const int EventsAtMost = 5;

    /// <summary>True where standard output is a terminal with colours enabled (https://no-color.org).</summary>
    public static bool WantsColour =>
        !Console.IsOutputRedirected
        && Environment.GetEnvironmentVariable("TERM") != "dumb"
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>Prints the block that operators of OpenClaw know.</summary>
    public void PrintStatus(Diagnosis diagnosis)
    {
        output.WriteLine("[OpenClaw Status]");
        Wrapped("", "", "Network".PadRight(LabelWidth), diagnosis.Condition);
        if (diagnosis.Snapshot.Get<RuntimeStatus>().TryGet(out var runtime))
        {
            Line("Runtime", runtime.IsHealthy ? "healthy" : "not healthy");
            if (runtime.Version is { } version)
                Line("Version", version);
            if (runtime.ContainersRunning is { } containers)
                Line("Containers Running", Number(containers));
            if (runtime.ServiceState is { } state)
                Line("Service", state);
        }

        foreach (var gateway in GatewayWords.Describe(diagnosis.Snapshot))
            Line("Gateway", gateway);
        Line("Ephemeral Ports Available", PortsLeft(diagnosis));
        Line("File Descriptors in Use", Descriptors(diagnosis));
        Line(
            "Connection Tracking",
            Fullest(diagnosis, PoolCatalogue.ConntrackEntries) is { } conntrack
                ? Part(conntrack.Level.Used, conntrack.Level)
                : Untracked(diagnosis)
        );
        Line("Active TCP Connections", Connections(diagnosis));
        Wrapped(Verdicts.Summarize(diagnosis));
    }

    /// <summary>Returns the descriptors of the fullest OpenClaw process; the machine's where none runs.</summary>
    static string Descriptors(Diagnosis diagnosis)
    {
        var daemon = diagnosis.Findings.FirstOrDefault(static finding =>
            finding.Pool == PoolCatalogue.ProcessFileDescriptors
            && finding.Level.About is ProcessSubject { Process.IsWatchedProgram: true }
        );
        if (daemon is not null)
            return $"{Part(daemon.Level.Used, daemon.Level)} ({Verdicts.Place(daemon.Level)})";
        return Fullest(diagnosis, PoolCatalogue.SystemFileDescriptors)?.Level is { } machine
            ? $"{Part(machine.Used, machine)} (whole machine)"
            : "unknown";
    }

    /// <summary>Returns the free ports, as an upper bound where the source does not show all that are taken.</summary>
    static string PortsLeft(Diagnosis diagnosis)
    {
        if (Fullest(diagnosis, PoolCatalogue.EphemeralConnectPorts) is not { Left: { } left } ports)
            return "unknown";
        var part = Part(left, ports.Level);
        return ports.Level.About is ConnectSubject { Ports.IsExact: false } ? $"at most {part}" : part;
    }

    /// <summary>Returns the connections of the daemon and its limit where they are known, and all by state.</summary>
    static string Connections(Diagnosis diagnosis)
    {
        var all = diagnosis.Primary.Get<TcpSockets>().TryGet(out var tcp)
            ? $"{Number(tcp[TcpState.Established])} established, {Number(tcp[TcpState.TimeWait])} in TIME_WAIT"
            : "unknown";
        return Fullest(diagnosis, PoolCatalogue.DaemonConnections)?.Level is { } daemon
            ? $"{Part(daemon.Used, daemon)} used by the daemon; {all}"
            : all;
    }

    /// <summary>Returns an amount of a level's limit. A limit that could not be read is not unlimited.</summary>
    static string Part(double amount, PoolLevel level) =>
        level switch
        {
            { Limit: { } limit } => $"{Number(amount)} of {Number(limit)}",
            { Unread: not null } or { IsLimitNotAsked: true } => $"{Number(amount)} of unknown",
            _ => $"{Number(amount)} of unlimited",
        };

    /// <summary>Returns the word for connection tracking without a level: most machines do not use it.</summary>
    static string Untracked(Diagnosis diagnosis) =>
        diagnosis.StateOf(PoolCatalogue.ConntrackEntries).Levels.Outcome == Outcome.None ? "not in use" : "unknown";

    /// <summary>
    /// Prints the verdict, and for each pool in trouble its owner and remedy. Without trouble, it prints the fullest
    /// pools.
    /// </summary>
    /// <param name="diagnosis">The diagnosis.</param>
    /// <param name="answers">The answers to errors in the OpenClaw log.</param>
    public void PrintDiagnosis(Diagnosis diagnosis, params ImmutableArray<ErrorAnswer> answers)
    {
        Wrapped(Verdicts.Summarize(diagnosis), "", "", diagnosis.Condition, ":");
        Line("host", Verdicts.Host(diagnosis));
        Line("scope", Verdicts.Scope(diagnosis));
        foreach (var gateway in GatewayWords.Describe(diagnosis.Snapshot))
            Line("Gateway", gateway);
        if (diagnosis.Condition < PoolCondition.Warning)
        {
            output.WriteLine();
            foreach (var fullest in diagnosis.Findings.DistinctBy(static finding => finding.Pool))
                Line(fullest.Pool.Title, Use(fullest));
            foreach (var state in diagnosis.Pools.Where(static state => state.Unread is not null))
                Line(state.Pool.Title, $"unknown: {state.Unread!.Detail}");
        }

        foreach (var problem in diagnosis.Problems)
            Print(problem, diagnosis.Timeline);

        var events = RecentEvents.Collect(diagnosis);
        if (!events.IsEmpty)
            output.WriteLine();
        foreach (var seen in events.Take(EventsAtMost))
        {
            var netns = seen.Netns.Length > 0 ? $" in {seen.Netns}" : "";
            var age = Moments.Age(seen.Time, diagnosis.Snapshot.Time);
            Line(Moments.Format(seen.Time), $"{age}, {seen.Source}: {seen.Kind}{netns} {seen.Text}".TrimEnd());
        }

        foreach (var answer in answers)
        {
            output.WriteLine();
            Wrapped(answer.Text);
        }

        // An absent feature is not unknown. Most machines lack some feature.
        foreach (var (name, why) in diagnosis.Failures.Where(static failure => failure.Why.IsUnseen))
        {
            output.WriteLine();
            var needs = Privileges.InWords(name, why);
            Wrapped($"{name}: {why.Detail}{needs}", "", "", PoolCondition.Unknown);
        }
    }

    /// <summary>Prints a diagnosis without colour, as the command does into a file.</summary>
    public static void PrintPlain(Diagnosis diagnosis, TextWriter output) =>
        new DiagnosisPrinter(output, inColour: false).PrintDiagnosis(diagnosis);

    void Print(Problem problem, Timeline timeline)
    {
        output.WriteLine();
        if (problem.Phase == Phase.Over)
        {
            Wrapped(problem.Evidence + ".");
            return;
        }

        Wrapped(problem.Title, "", "", problem.Condition);
        foreach (var line in new ProblemText(problem, timeline, isVerbose).Lines())
            output.WriteLine(line);
    }

    /// <summary>Prints the document that the server returns at /api/v1/diagnosis.</summary>
    public void PrintJson(Diagnosis diagnosis, ImmutableArray<ErrorAnswer> answers) =>
        output.WriteLine(
            JsonSerializer.Serialize(
                DiagnosisDocument.From(diagnosis, answers),
                DiagnosisJson.Default.DiagnosisDocument
            )
        );

    static string Use(Finding fullest) =>
        fullest.Level.Utilization is null
            ? $"{Verdicts.Amount(fullest)}, no known limit"
            : $"{Verdicts.Percent(fullest.Level), -9} {Verdicts.Amount(fullest)}{Where(fullest.Level)}";

    /// <summary>Returns the place of a level behind a comma; empty where nothing is used.</summary>
    static string Where(PoolLevel level) =>
        level.Used > 0 && Verdicts.Place(level) is { Length: > 0 } place ? $", {place}" : "";

    static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    static Finding? Fullest(Diagnosis diagnosis, Pool pool) =>
        diagnosis.Findings.FirstOrDefault(finding => finding.Pool == pool);

    void Line(string label, string text) => Wrapped(text, new(' ', LabelWidth), label.PadRight(LabelWidth));

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
