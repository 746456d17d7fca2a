using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Episodes;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Wording;
using static OpenClaw.Exporter.Status.PageTables;

namespace OpenClaw.Exporter.Status;

/// <summary>
/// The status page. It is complete without JavaScript, which only refreshes the page and copies commands.
/// </summary>
/// <param name="diagnosis">The diagnosis to show.</param>
/// <param name="telemetryPath">The path of the metrics.</param>
/// <param name="banner">The text above everything else; empty for none.</param>
sealed class StatusPage(Diagnosis diagnosis, string telemetryPath = ServedPaths.MetricsByDefault, string banner = "")
{
    const int RowsAtMost = 6;

    readonly Problem? _worst = Headlines.Current(diagnosis);
    readonly PageTables _tables = new(diagnosis);
    readonly StringBuilder _html = new();

    /// <summary>The problems of the last 24 hours; empty where none is kept.</summary>
    public ImmutableArray<Episode> Episodes { get; init; } = [];

    /// <summary>Renders the page as HTML.</summary>
    public string Render()
    {
        var condition = SnakeCase.Convert(diagnosis.Condition);
        var host = Verdicts.Host(diagnosis);
        var time = diagnosis.Snapshot.Time;
        _html.Append(
            $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="description" content="{Text(Verdicts.Summarize(diagnosis))}">
            <title>{Text(condition)} · {Text(host)} · OpenClaw network resources</title>
            <link rel="icon" href="assets/{condition}.svg" type="image/svg+xml">
            <link rel="stylesheet" href="assets/page.css">
            <script src="assets/page.js" defer></script>
            </head>
            <body>
            {Banner()}<aside aria-label="Machine and refresh">
            <p id="machine"><strong>{Text(Name(host))}</strong>{Text(host[Name(host).Length..].Replace(
                ", ",
                " · ",
                StringComparison.Ordinal
            ))} · {Text(Verdicts.Scope(diagnosis))}</p>
            <p id="links"><span id="age"></span><time id="clock" datetime="{time:O}">{Moments.Clock(
                time
            )} UTC</time> · <span id="control" hidden><button type="button" id="pause" aria-pressed="false">pause</button> · </span><a href="api/v1/diagnosis">JSON</a> · <a href="api/v1/diagnosis/text">plain text</a> · <a href="{Text(
                telemetryPath.TrimStart('/')
            )}">metrics</a></p>
            </aside>
            <div id="page">
            <header class="{condition}">
            <p class="verdict"><span class="condition">{Text(condition)}</span>{Codes()}</p>
            <h1>{Text(Headlines.From(diagnosis))}</h1>
            {FactList(
                _worst is null ? Headlines.Calm(diagnosis) : ProblemFacts.Collect(_worst, diagnosis.Timeline, time)
            )}{Gateways()}</header>
            <main class="{(_worst is null ? "calm" : "troubled")}">

            """
        );
        AddProblems();
        var isBlind = diagnosis.Condition is PoolCondition.Unknown or PoolCondition.Absent;
        if (isBlind)
            AddUnseen(isOpen: true);
        _html.Append(_tables.Resources());
        if (!isBlind)
            AddUnseen(isOpen: false);
        AddPast();
        AddEvents();
        AddMore();
        _html.Append(
            $"""
            </main>
            </div>
            <footer>
            <p>OpenClaw.Exporter {Text(
                BuildInfo.Version
            )} · <a href="api/v1/diagnosis/schema">schema of the JSON</a></p>
            </footer>
            <p id="said" role="status" class="unseen"></p>
            </body>
            </html>

            """
        );
        return _html.ToString();
    }

    /// <summary>Renders facts as a list; empty without any.</summary>
    internal static string FactList(ImmutableArray<Fact> facts)
    {
        if (facts.IsEmpty)
            return "";
        var html = new StringBuilder("<ul class=\"facts\">\n");
        foreach (var fact in facts)
        {
            html.Append($"<li><strong>{Text(fact.Text)}</strong>");
            if (fact.Detail.Length > 0)
                html.Append($" <span>{Text(fact.Detail)}</span>");
            html.Append("</li>\n");
        }

        return html.Append("</ul>\n").ToString();
    }

    string Banner() => banner.Length == 0 ? "" : $"<p class=\"banner\" role=\"note\">{Text(banner)}</p>\n";

    static string Name(string host) => host.Split(", ")[0];

    string Codes()
    {
        if (_worst is null)
            return "";
        var others = _worst.Codes.Length > 1 ? $" <small>or {Text(string.Join(", ", _worst.Codes[1..]))}</small>" : "";
        return $" · <span class=\"codes\">{Text(Headlines.CodesOf(_worst))}</span>{others}";
    }

    /// <summary>Returns a paragraph for each Gateway that was found; empty on a machine without one.</summary>
    string Gateways() =>
        string.Concat(
            GatewayWords
                .Describe(diagnosis.Snapshot)
                .Select(static gateway => $"<p class=\"gateway\"><strong>Gateway</strong>: {Text(gateway)}</p>\n")
        );

    void AddProblems()
    {
        if (_worst is null)
            return;
        var problems = diagnosis.Problems.Where(static problem => problem.Phase != Phase.Over).ToList();
        _html.Append("<div class=\"problems\">\n");
        foreach (var problem in problems.Take(ProblemPanel.AtMost))
            _html.Append(new ProblemPanel(problem, diagnosis, isFirst: problem == _worst).Render());
        var more = problems.Count - ProblemPanel.AtMost;
        if (more > 0)
            _html.Append(CultureInfo.InvariantCulture, $"<p>And {more} more: see the plain text.</p>\n");
        _html.Append("</div>\n");
    }

    /// <summary>Adds the parts that could not be read.</summary>
    void AddUnseen(bool isOpen)
    {
        var parts = UnseenPart.Collect(diagnosis);
        if (parts.IsEmpty)
            return;
        var names = string.Join("; ", parts.Take(3).Select(static part => part.What));
        _html.Append(
            $"<details class=\"panel notseen\" data-open=\"notseen\"{(isOpen ? " open" : "")}>\n"
                + $"<summary><h2>Not seen</h2> <span>{Text(parts.Length > 3 ? names + " …" : names)}</span></summary>\n"
        );
        _html.Append(
            Rows(
                ["what", "why", "would help"],
                parts.Take(2 * RowsAtMost).Select(static part => (string[])[part.What, part.Why, part.Help])
            )
        );
        if (parts.Length > 2 * RowsAtMost)
            _html.Append(CultureInfo.InvariantCulture, $"<p>And {parts.Length - (2 * RowsAtMost)} more.</p>\n");
        _html.Append("</details>\n");
    }

    void AddPast()
    {
        var (title, past) = LookBack.Rows(diagnosis, Episodes, RowsAtMost);
        if (past.IsEmpty)
            return;
        AddPanel(
            title,
            "past",
            Rows(
                ["when", "for", "what", "who", "OpenClaw error"],
                past.Select(static row => (string[])[row.When, row.Lasted, row.What, row.Who, row.Code])
            )
        );
    }

    void AddEvents()
    {
        var events = RecentEvents.Collect(diagnosis);
        if (events.IsEmpty)
            return;
        var html = new StringBuilder("<ul class=\"list\">\n");
        foreach (var seen in events.Take(RowsAtMost))
        {
            var netns = seen.Netns.Length > 0 ? $" in {seen.Netns}" : "";
            var text = seen.Text.Length > 0 ? $": {seen.Text}" : "";
            var age = Moments.Age(seen.Time, diagnosis.Snapshot.Time);
            html.Append(
                $"<li><time datetime=\"{seen.Time.ToString("O", CultureInfo.InvariantCulture)}\">"
                    + $"{Moments.Format(seen.Time)}</time>, {age}, {Text(seen.Source)}: "
                    + $"<strong>{Text(seen.Kind)}</strong>{Text(netns + text)}</li>\n"
            );
        }

        AddPanel("Messages of the kernel and OpenClaw", "events", html.Append("</ul>\n").ToString());
    }

    /// <summary>Adds the numbers for a closer look: open where nothing else needs the place.</summary>
    void AddMore()
    {
        _html.Append(
            $"<details class=\"more\" data-open=\"more\"{(_worst is null ? " open" : "")}>\n"
                + "<summary>Sockets by state, destinations, processes</summary>\n<div class=\"panels\">\n"
        );
        AddPanel("TCP sockets by state", "", _tables.TcpStates());
        AddPanel("Fullest destinations", "", _tables.Fullest(PoolCatalogue.EphemeralConnectPorts, "ports used"));
        AddPanel("Fullest processes", "", _tables.Fullest(PoolCatalogue.ProcessFileDescriptors, "descriptors open"));
        AddPanel("Signs without a limit", "", Moving());
        _html.Append("</div>\n</details>\n");
    }

    string Moving()
    {
        var moving = diagnosis.Symptoms.Where(static symptom => symptom.Condition < PoolCondition.Warning).ToList();
        return moving.Count == 0
            ? ""
            : "<ul class=\"list\">\n"
                + string.Concat(
                    moving.Take(RowsAtMost).Select(static symptom => $"<li>{Text(Verdicts.Failure(symptom))}</li>\n")
                )
                + "</ul>\n";
    }

    /// <summary>Adds a section with a heading; none where it has no content.</summary>
    void AddPanel(string title, string kind, string html)
    {
        if (html.Length == 0)
            return;
        var id = "h-" + title.ToLowerInvariant().Replace(' ', '-');
        _html.Append(
            $"<section class=\"panel {kind}\" aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{title}</h2>\n"
                + $"{html}</section>\n"
        );
    }
}
