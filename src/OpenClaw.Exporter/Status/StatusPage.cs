using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

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
            <p class="time">Read from the kernel at <time datetime="{diagnosis.Snapshot.Time:O}">{diagnosis.Snapshot.Time:yyyy-MM-dd HH:mm:ss} UTC</time></p>
            </header>
            <main>

            """
        );
        AddProblems();
        AddPools();
        AddTcpStates();
        AddLevels("Fullest destinations", PoolCatalogue.EphemeralConnectPorts, "Ports used");
        AddLevels("Fullest processes", PoolCatalogue.ProcessFileDescriptors, "Descriptors open");
        AddEvents();
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
        var holder = problem.Holder.Length > 0 ? $"<strong>{Text(problem.Holder)}</strong>: " : "";
        _html.Append(
            $"""
            <p>{holder}{Text(problem.Evidence)}. {Capitalized(problem.ShowsAs)} {Text(
                codes
            )}. {Text(Capitalized(problem.When(diagnosis.Timeline)))}.</p>
            <p>{Text(remedy.Advice)}</p>

            """
        );
        if (problem.Owner.Length > 0)
            _html.Append($"<p>{Text(Capitalized(problem.Owner))}.</p>\n");
        AddOthers(problem);
        AddCommand($"Now{(remedy.Where is { } place ? ", " + place : "")}", remedy.Command);
        AddCommand(
            $"To keep it, in {remedy.File}{(remedy.NeedsRestart ? ", then start the program again" : "")}",
            remedy.Persistence
        );
        if (remedy.Drift is { } drift)
            _html.Append($"<p class=\"drift\">{Text(drift)}</p>\n");
        foreach (var effect in problem.Effects.Take(RowsAtMost))
            _html.Append($"<p class=\"effect\">It shows: {Text(effect)}.</p>\n");
        if (remedy.Warning is { } warning)
            _html.Append($"<p class=\"mind\">Mind: {Text(warning)}</p>\n");
        _html.Append("</section>\n");
    }

    /// <summary>Adds a failure that no full pool explains.</summary>
    void AddFailure(Problem problem)
    {
        AddHeading(problem);
        _html.Append(
            $"""
            <p><strong>{Text(problem.Evidence)}.</strong> Shows as {Text(problem.Codes[0])}.</p>
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
        _html.Append("<p>Also:</p>\n<ul class=\"others\">\n");
        foreach (var other in problem.Others.Take(RowsAtMost))
            _html.Append($"<li>{Text(other)}</li>\n");
        if (problem.Others.Length > RowsAtMost)
            _html.Append(CultureInfo.InvariantCulture, $"<li>and {problem.Others.Length - RowsAtMost} more</li>\n");
        _html.Append("</ul>\n");
    }

    /// <summary>Adds a failure of the last minutes that is over.</summary>
    void AddPast(Problem problem)
    {
        AddHeading($"<span class=\"badge over\">over</span> {Text(problem.Name)}", "past");
        _html.Append($"<p>{Text(problem.Evidence)}.</p>\n</section>\n");
    }

    void AddHeading(Problem problem)
    {
        var condition = SnakeCase.Convert(problem.Condition);
        AddHeading($"<span class=\"badge {condition}\">{condition}</span> {Text(problem.Name)}", "remedy " + condition);
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
            var time = seen.Time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
            _html.Append(
                $"<li><time datetime=\"{seen.Time.ToString("O", CultureInfo.InvariantCulture)}\">{time} UTC</time> "
                    + $"{Text(seen.Source)}: <strong>{Text(seen.Kind)}</strong>{Text(netns + text)}</li>\n"
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

    void AddPools()
    {
        AddHeading("Pools");
        _html.Append(
            """
            <table>
            <thead><tr><th scope="col">Pool</th><th scope="col">Used</th><th scope="col" class="wide">Utilisation</th><th scope="col" class="wide">15 minutes</th></tr></thead>
            <tbody>

            """
        );
        foreach (var state in diagnosis.Pools)
        {
            var fullest = diagnosis.Findings.FirstOrDefault(finding => ReferenceEquals(finding.Pool, state.Pool));
            var condition = SnakeCase.Convert(state.Condition);
            var used = fullest is null
                ? state.Levels.Missing?.Detail ?? "nothing to count"
                : Verdicts.Amount(fullest.Level);
            var bar = fullest is null ? "" : Bar(state.Pool, fullest.Level.Utilization);
            _html
                .Append(
                    $"<tr class=\"{condition}\" data-pool=\"{Text(state.Pool.Name)}\"><th scope=\"row\"><span "
                        + $"class=\"badge {condition}\">{condition}</span> {Text(state.Pool.Name)}"
                )
                .Append(fullest is null ? "" : $"<small>{Text(Verdicts.Holder(fullest))}</small>")
                .Append(
                    fullest is not null && state.Unread is { } unread
                        ? $"<small>Not all could be read: {Text(unread.Detail)}</small>"
                        : ""
                )
                .Append(
                    $"</th><td>{Text(used)}</td><td class=\"wide\">{bar}</td>"
                        + $"<td class=\"wide\">{Sparkline(state.Pool)}</td></tr>\n"
                );
        }

        _html.Append("</tbody>\n</table>\n</section>\n");
    }

    void AddTcpStates()
    {
        if (!diagnosis.Primary.Get<TcpSockets>().TryGet(out var tcp))
            return;
        var most = Math.Max(1, tcp.States.Max());
        AddHeading("TCP sockets by state");
        _html.Append(
            "<table class=\"states\">\n<thead><tr><th scope=\"col\">State</th><th scope=\"col\">Sockets</th><th "
                + "scope=\"col\" class=\"wide\">Share of the most</th></tr></thead>\n<tbody>\n"
        );
        foreach (var state in Enum.GetValues<TcpState>())
        {
            var name = SnakeCase.Convert(state);
            _html.Append(
                CultureInfo.InvariantCulture,
                $"<tr data-state=\"{name}\"><th scope=\"row\">{name}</th><td>{tcp[state]:N0}</td><td "
                    + $"class=\"wide\">{Svg(100.0 * tcp[state] / most, "ok", "")}</td></tr>\n"
            );
        }

        _html.Append("</tbody>\n</table>\n</section>\n");
    }

    void AddLevels(string title, Pool pool, string unit)
    {
        var rows = diagnosis.Findings.Where(finding => finding.Pool == pool).Take(RowsAtMost).ToList();
        if (rows.Count == 0)
            return;
        AddHeading(Text(title));
        _html.Append(
            $"<table>\n<thead><tr><th scope=\"col\">Who</th><th scope=\"col\">{Text(unit)}</th><th "
                + $"scope=\"col\" class=\"wide\">Utilisation</th></tr></thead>\n<tbody>\n"
        );
        foreach (var finding in rows)
        {
            _html.Append(
                $"<tr><th scope=\"row\">{Text(Verdicts.Holder(finding))}</th>"
                    + $"<td>{Text(Verdicts.Amount(finding.Level))}</td>"
                    + $"<td class=\"wide\">{Bar(finding.Pool, finding.Level.Utilization)}</td></tr>\n"
            );
        }

        _html.Append("</tbody>\n</table>\n</section>\n");
    }

    void AddMissing()
    {
        if (diagnosis.Failures.IsEmpty)
            return;
        AddHeading("What is missing");
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

    /// <summary>Renders a bar with marks at the thresholds of warning and critical.</summary>
    static string Bar(Pool pool, double? utilization)
    {
        if (utilization is not { } ratio)
            return "no limit known";
        var condition = SnakeCase.Convert(pool.Judge(ratio));
        var marks = string.Create(
            CultureInfo.InvariantCulture,
            $"M{pool.WarningRatio * 100:0.#} 0V10M{pool.CriticalRatio * 100:0.#} 0V10"
        );
        var limits = string.Create(
            CultureInfo.InvariantCulture,
            $"warning from {pool.WarningRatio:0.#%}, critical from {pool.CriticalRatio:0.#%}"
        );
        return Svg(ratio * 100, condition, $"<path class=\"halo\" d=\"{marks}\"/><path class=\"mark\" d=\"{marks}\"/>")
            + $" <span class=\"percent\">{Percentage.Format(ratio)}<span class=\"unseen\">, {limits}</span></span>";
    }

    static string Svg(double percent, string condition, string marks) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"<svg class=\"bar {condition}\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" "
                + $"aria-hidden=\"true\"><rect width=\"{percent:0.##}\" height=\"10\"/>{marks}</svg>"
        );

    string Sparkline(Pool pool)
    {
        var points = diagnosis.Timeline.PointsOf(pool);
        if (points.Count < 2)
            return "";
        var path = string.Join(
            ' ',
            points.Select(static point =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{100 - (point.Age / 9):0.#},{29 - (point.Utilization * 28):0.#}"
                )
            )
        );
        return $"<svg class=\"spark\" viewBox=\"0 0 100 30\" preserveAspectRatio=\"none\" role=\"img\" "
            + $"aria-label=\"{Text(Course(pool, points))}\"><polyline points=\"{path}\"/></svg>";
    }

    /// <summary>Describes a sparkline in words, for screen readers.</summary>
    static string Course(Pool pool, IReadOnlyList<(double Age, double Utilization)> points)
    {
        var (first, last) = (Percentage.Format(points[0].Utilization), Percentage.Format(points[^1].Utilization));
        var least = Percentage.Format(points.Min(static point => point.Utilization));
        var most = Percentage.Format(points.Max(static point => point.Utilization));
        return $"{pool.Headline} in the last 15 minutes: from {first} to {last}, between {least} and {most}";
    }

    static string Capitalized(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    static string Text(string text) => HtmlEncoder.Default.Encode(VisibleText.Escape(text));
}
