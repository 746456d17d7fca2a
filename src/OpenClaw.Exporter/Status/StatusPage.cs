using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Sampling;
using static OpenClaw.Exporter.Status.PageTables;

namespace OpenClaw.Exporter.Status;

/// <summary>
/// The status page. It is complete without JavaScript, which only refreshes the page and copies commands.
/// </summary>
/// <param name="diagnosis">The diagnosis to show.</param>
/// <param name="telemetryPath">The path of the metrics.</param>
sealed class StatusPage(Diagnosis diagnosis, string telemetryPath = ServedPaths.MetricsByDefault)
{
    const int RowsAtMost = 12;

    readonly string _host = Verdicts.Host(diagnosis);
    readonly PageTables _tables = new(diagnosis);
    readonly StringBuilder _html = new();
    int _sections;

    /// <summary>Renders the page as HTML.</summary>
    public string Render()
    {
        var condition = SnakeCase.Convert(diagnosis.Condition);
        _html.Append(
            $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{Text(condition)} · {Text(_host)} · OpenClaw network resources</title>
            <link rel="stylesheet" href="assets/page.css">
            <script src="assets/page.js" defer></script>
            </head>
            <body>
            <aside id="refresh" aria-label="Refresh" hidden><span id="age"></span> <button type="button" id="pause" aria-pressed="false">Pause</button></aside>
            <div id="page">
            <header class="{condition}">
            <p class="condition">{Text(condition)}</p>
            <h1>{Text(Verdicts.Summarize(diagnosis))}</h1>
            <p class="scope"><strong>{Text(_host)}</strong>: {Text(Verdicts.Scope(diagnosis))}</p>
            {Gateways()}<p class="time">Read from the kernel at <time datetime="{diagnosis.Snapshot.Time:O}">{Moments.Format(
                diagnosis.Snapshot.Time
            )}</time></p>
            </header>
            <main>

            """
        );
        AddProblems();
        AddEvents();
        AddSection("Pools", _tables.Pools());
        AddSection("TCP sockets by state", _tables.TcpStates());
        AddSection("Fullest destinations", _tables.Fullest(PoolCatalogue.EphemeralConnectPorts, "Ports used"));
        AddSection("Fullest processes", _tables.Fullest(PoolCatalogue.ProcessFileDescriptors, "Descriptors open"));
        AddMissing();
        _html.Append(
            $"""
            </main>
            </div>
            <footer>
            <p><a href="{Text(
                telemetryPath.TrimStart('/')
            )}">Metrics</a> · <a href="api/v1/diagnosis">Diagnosis as JSON</a> · <a href="api/v1/diagnosis/schema">its schema</a></p>
            <p>OpenClaw.Exporter {Text(BuildInfo.Version)}</p>
            </footer>
            <p id="said" role="status" class="unseen"></p>
            </body>
            </html>

            """
        );
        return _html.ToString();
    }

    /// <summary>Returns a paragraph for each Gateway that was found; empty on a machine without one.</summary>
    string Gateways() =>
        string.Concat(
            GatewayWords
                .Describe(diagnosis.Snapshot)
                .Select(static gateway => $"<p class=\"scope\"><strong>Gateway</strong>: {Text(gateway)}</p>\n")
        );

    void AddProblems()
    {
        foreach (var problem in diagnosis.Problems.Take(RowsAtMost))
        {
            if (problem.Phase == Phase.Over)
                AddPast(problem);
            else if (problem.Worst is not null)
                AddPool(problem);
            else
                AddFailure(problem);
        }

        var more = diagnosis.Problems.Length - RowsAtMost;
        if (more > 0)
            _html.Append(CultureInfo.InvariantCulture, $"<p>And {more} more problems.</p>\n");
    }

    void AddPool(Problem problem)
    {
        AddHeading(problem);
        var remedy = problem.Remedy;
        var codes = string.Join(", ", problem.Codes);
        var where = problem.Place.Length > 0 ? $"<strong>{Text(problem.Place)}</strong>: " : "";
        _html.Append(
            $"""
            <p>{where}{Text(problem.Evidence)}. {problem.CodeLabel}: {Text(
                codes
            )}. Trend: {Text(problem.When(diagnosis.Timeline))}.</p>

            """
        );
        AddHolders(problem);
        _html.Append($"<p>{Text(remedy.Advice)}</p>\n");
        AddOthers(problem);
        AddCommand($"Run now{(remedy.Where is { } place ? ", " + place : "")}", remedy.Command);
        AddCommand(
            $"Make permanent: {remedy.File}{(remedy.NeedsRestart ? ", then restart the program" : "")}",
            remedy.Persistence
        );
        if (remedy.Drift is { } drift)
            _html.Append($"<p class=\"drift\">{Text(drift)}</p>\n");
        AddEffects(problem);
        if (remedy.Warning is { } warning)
            _html.Append($"<p class=\"caution\">Caution: {Text(warning)}</p>\n");
        _html.Append("</section>\n");
    }

    /// <summary>Adds the holders, and the owner where they do not name it.</summary>
    void AddHolders(Problem problem)
    {
        if (problem.HolderLines is [var only])
            _html.Append($"<p>Held by <strong>{Text(only)}</strong>.</p>\n");
        if (problem.HolderLines.Length > 1)
        {
            _html.Append("<p>Held by:</p>\n");
            AddList(problem.HolderLines);
        }

        if (problem.ShowsOwner)
            _html.Append($"<p>Owner: {Text(problem.Owner)}.</p>\n");
    }

    /// <summary>Adds a failure that no full pool explains.</summary>
    void AddFailure(Problem problem)
    {
        AddHeading(problem);
        _html.Append(
            $"""
            <p><strong>{Text(problem.Evidence)}.</strong> OpenClaw error: {Text(problem.Codes[0])}.</p>
            <p>{Text(problem.Remedy.Advice)}</p>

            """
        );
        AddOthers(problem);
        _html.Append("</section>\n");
    }

    /// <summary>Adds the other places where the same cause shows.</summary>
    void AddOthers(Problem problem)
    {
        if (problem.Others.IsEmpty)
            return;
        AddList([.. problem.Others.Select(static other => $"Also: {other}")]);
    }

    /// <summary>Adds the failures that end with the problem. They need no look, so that they are folded.</summary>
    void AddEffects(Problem problem)
    {
        if (problem.Effects is [var only])
            _html.Append($"<p class=\"effect\">Effect: {Text(only)}.</p>\n");
        if (problem.Effects.Length < 2)
            return;
        var count = problem.Effects.Length.ToString(CultureInfo.InvariantCulture);
        _html.Append(
            $"<details data-open=\"{Text(problem.Name)}\">\n<summary>{count} effects of this problem</summary>" + "\n"
        );
        AddList(problem.Effects);
        _html.Append("</details>\n");
    }

    void AddList(ImmutableArray<string> lines)
    {
        _html.Append("<ul>\n");
        foreach (var line in lines.Take(RowsAtMost))
            _html.Append($"<li>{Text(line)}</li>\n");
        if (lines.Length > RowsAtMost)
            _html.Append(CultureInfo.InvariantCulture, $"<li>and {lines.Length - RowsAtMost} more</li>\n");
        _html.Append("</ul>\n");
    }

    /// <summary>Adds a failure of the last minutes that is over.</summary>
    void AddPast(Problem problem)
    {
        AddHeading($"<span class=\"badge over\">over</span> {Text(problem.Title)}", "past");
        _html.Append($"<p>{Text(problem.Evidence)}.</p>\n</section>\n");
    }

    void AddHeading(Problem problem)
    {
        var condition = SnakeCase.Convert(problem.Condition);
        AddHeading(
            $"<span class=\"badge {condition}\">{condition}</span> {Text(problem.Title)}",
            "remedy " + condition
        );
    }

    void AddEvents()
    {
        var events = RecentEvents.Collect(diagnosis);
        var moving = diagnosis
            .Symptoms.Where(static symptom => symptom.Condition < PoolCondition.Warning)
            .Take(RowsAtMost)
            .ToList();
        if (events.IsEmpty && moving.Count == 0)
            return;
        AddHeading("Recent events");
        _html.Append("<ul class=\"events\">\n");
        foreach (var seen in events.Take(RowsAtMost))
        {
            var netns = seen.Netns.Length > 0 ? $" in {seen.Netns}" : "";
            var text = seen.Text.Length > 0 ? $": {seen.Text}" : "";
            var age = Moments.Age(seen.Time, diagnosis.Snapshot.Time);
            _html.Append(
                $"<li><time datetime=\"{seen.Time.ToString("O", CultureInfo.InvariantCulture)}\">"
                    + $"{Moments.Format(seen.Time)}</time>, {age}, {Text(seen.Source)}: "
                    + $"<strong>{Text(seen.Kind)}</strong>{Text(netns + text)}</li>\n"
            );
        }

        foreach (var symptom in moving)
            _html.Append($"<li>{Text(Verdicts.Failure(symptom))}</li>\n");
        _html.Append("</ul>\n</section>\n");
    }

    void AddCommand(string label, string? command)
    {
        if (command is not null)
        {
            var text = HtmlEncoder.Default.Encode(command);
            _html.Append(
                $"<div class=\"command\"><span>{Text(label)}</span><code>{text}</code><button type=\"button\" "
                    + $"aria-label=\"Copy {text}\" hidden>Copy</button></div>\n"
            );
        }
    }

    /// <summary>Adds a section with a table; none where the table is empty.</summary>
    void AddSection(string title, string table)
    {
        if (table.Length == 0)
            return;
        AddHeading(title);
        _html.Append(table).Append("</section>\n");
    }

    /// <summary>Starts a section with a heading that names it.</summary>
    void AddHeading(string html, string kind = "")
    {
        _sections++;
        _html.Append(
            CultureInfo.InvariantCulture,
            $"<section{(kind.Length > 0 ? $" class=\"{kind}\"" : "")} aria-labelledby=\"s{_sections}\">\n<h2 "
                + $"id=\"s{_sections}\">{html}</h2>\n"
        );
    }

    void AddMissing()
    {
        if (diagnosis.Failures.IsEmpty)
            return;
        AddHeading("Unavailable readings");
        _html.Append("<ul>\n");
        foreach (var (name, why) in diagnosis.Failures)
        {
            var needs =
                why.Reason == Absence.NotPermitted && Privileges.CapabilityOf(name) is { Length: > 0 } capability
                    ? $" Needs {capability}."
                    : "";
            _html.Append(
                $"<li><strong>{Text(name)}</strong> ({SnakeCase.Convert(why.Reason)}): "
                    + $"{Text(why.Detail)}{Text(needs)}</li>\n"
            );
        }

        _html.Append("</ul>\n</section>\n");
    }
}
