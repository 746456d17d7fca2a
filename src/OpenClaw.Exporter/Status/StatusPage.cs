using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Pools;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Status;

/// <summary>The status page: whole without JavaScript; a little of it only refreshes the page and copies commands.</summary>
/// <param name="diagnosis">What it shows.</param>
/// <param name="history">What was before.</param>
/// <param name="telemetryPath">Where the metrics are.</param>
sealed class StatusPage(Diagnosis diagnosis, UtilizationHistory history, string telemetryPath = "/metrics")
{
    const int RowsAtMost = 12;

    readonly StringBuilder _html = new();

    /// <summary>The page as HTML.</summary>
    public string Render()
    {
        var condition = SnakeCase.Of(diagnosis.Condition);
        _html.Append($"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{Text(condition)} · OpenClaw network resources</title>
            <link rel="stylesheet" href="assets/page.css">
            <script src="assets/page.js" defer></script>
            </head>
            <body>
            <main id="page">
            <header class="{condition}">
            <p class="condition">{Text(condition)}</p>
            <h1>{Text(Verdicts.Of(diagnosis))}</h1>
            <p class="time">Read from the kernel at <time datetime="{diagnosis.Snapshot.Time:O}">{diagnosis.Snapshot.Time:yyyy-MM-dd HH:mm:ss} UTC</time></p>
            </header>

            """);
        AddRemedies();
        AddSymptoms();
        AddPools();
        AddTcpStates();
        AddLevels("Fullest destinations", "ephemeral_connect_ports", "Ports used");
        AddLevels("Fullest processes", "process_file_descriptors", "Descriptors open");
        AddEvents();
        AddMissing();
        _html.Append($"""
            <footer>
            <p><a href="{Text(telemetryPath.TrimStart('/'))}">Metrics</a> · <a href="api/v1/diagnosis">Diagnosis as JSON</a> · <a href="api/v1/diagnosis/schema">its schema</a></p>
            <p>OpenClaw.Exporter {Text(BuildInfo.Version)}</p>
            </footer>
            </main>
            </body>
            </html>

            """);
        return _html.ToString();
    }

    void AddRemedies()
    {
        foreach (var trouble in diagnosis.Troubles.Take(RowsAtMost))
        {
            var finding = trouble.Worst;
            var (pool, level, condition, remedy) = finding;
            var name = SnakeCase.Of(condition);
            _html.Append($"""
                <section class="remedy {name}">
                <h2><span class="badge {name}">{name}</span> {Text(pool.Name)}</h2>
                <p><strong>{Text(Verdicts.Holder(finding))}</strong>: {Text(Verdicts.Amount(level))} ({Text(Verdicts.Percent(level))}). Shows as {Text(string.Join(", ", finding.Codes))}. {Text(Capitalized(Verdicts.When(level, history.ForecastOf(pool.Name))))}.</p>
                <p>{Text(remedy.Advice)}</p>

                """);
            if (Verdicts.Others(trouble) is { Length: > 0 } others)
                _html.Append($"<p>{Text(others)}.</p>\n");
            AddCommand("Now", remedy.Command);
            AddCommand($"To keep it, in {remedy.File}{(remedy.NeedsRestart ? ", then restart it" : "")}", remedy.Persistence);
            if (remedy.Drift is { } drift)
                _html.Append($"<p class=\"drift\">{Text(drift)}</p>\n");
            AddEffects(finding);
            if (remedy.Warning is { } warning)
                _html.Append($"<p class=\"mind\">Mind: {Text(warning)}</p>\n");
            _html.Append("</section>\n");
        }
    }

    /// <summary>What shows because this pool is full.</summary>
    void AddEffects(Finding finding)
    {
        foreach (var effect in diagnosis.EffectsOf(finding).Take(RowsAtMost))
            _html.Append($"<p class=\"effect\">It shows: {Text(Verdicts.Failure(effect))}.</p>\n");
    }

    /// <summary>Failures that no full pool explains, and what else moves.</summary>
    void AddSymptoms()
    {
        foreach (var failure in diagnosis.Unexplained.Take(RowsAtMost))
        {
            var name = SnakeCase.Of(failure.Condition);
            _html.Append($"""
                <section class="remedy {name}">
                <h2><span class="badge {name}">{name}</span> {Text(failure.Symptom.Name)}</h2>
                <p><strong>{Text(Verdicts.Failure(failure))}.</strong> Shows as {Text(failure.Alarm!.Code)}.</p>
                <p>{Text(failure.Alarm.Advice)}</p>
                </section>

                """);
        }
    }

    void AddEvents()
    {
        var events = RecentEvents.Of(diagnosis);
        var moving = diagnosis.Symptoms.Where(static symptom => symptom.Condition < PoolCondition.Warning).Take(RowsAtMost).ToList();
        if (events.IsEmpty && moving.Count == 0)
            return;
        _html.Append("<section>\n<h2>Recent events</h2>\n<ul class=\"events\">\n");
        foreach (var seen in events.Take(RowsAtMost))
        {
            var netns = seen.Netns.Length > 0 ? $" in {seen.Netns}" : "";
            var text = seen.Text.Length > 0 ? $": {seen.Text}" : "";
            _html.Append($"<li><time datetime=\"{seen.Time.ToString("O", CultureInfo.InvariantCulture)}\">{seen.Time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC</time> "
                + $"{Text(seen.Source)}: <strong>{Text(seen.Kind)}</strong>{Text(netns + text)}</li>\n");
        }

        foreach (var symptom in moving)
            _html.Append($"<li>{Text(Verdicts.Failure(symptom))}</li>\n");
        _html.Append("</ul>\n</section>\n");
    }

    void AddCommand(string label, string? command)
    {
        if (command is not null)
            _html.Append($"<div class=\"command\"><span>{Text(label)}</span><code>{Text(command)}</code><button type=\"button\" hidden>Copy</button></div>\n");
    }

    void AddPools()
    {
        _html.Append("""
            <section>
            <h2>Pools</h2>
            <table>
            <thead><tr><th scope="col">Pool</th><th scope="col">Used</th><th scope="col" class="wide">Utilisation</th><th scope="col" class="wide">15 minutes</th></tr></thead>
            <tbody>

            """);
        foreach (var state in diagnosis.Pools)
        {
            var fullest = diagnosis.Findings.FirstOrDefault(finding => ReferenceEquals(finding.Pool, state.Pool));
            var condition = SnakeCase.Of(state.Condition);
            var used = fullest is null ? state.Levels.Missing?.Detail ?? "nothing to count" : Verdicts.Amount(fullest.Level);
            _html.Append($"<tr class=\"{condition}\" data-pool=\"{Text(state.Pool.Name)}\"><th scope=\"row\"><span class=\"badge {condition}\">{condition}</span> {Text(state.Pool.Name)}")
                .Append(fullest is null ? "" : $"<small>{Text(Verdicts.Holder(fullest))}</small>")
                .Append($"</th><td>{Text(used)}</td><td class=\"wide\">{Bar(state.Pool, fullest?.Level.Utilization)}</td><td class=\"wide\">{Sparkline(state.Pool)}</td></tr>\n");
        }

        _html.Append("</tbody>\n</table>\n</section>\n");
    }

    void AddTcpStates()
    {
        if (!diagnosis.Snapshot.Get<TcpSockets>().TryGet(out var tcp))
            return;
        var most = Math.Max(1, tcp.States.Max());
        _html.Append("<section>\n<h2>TCP sockets by state</h2>\n<table class=\"states\">\n<tbody>\n");
        foreach (var state in Enum.GetValues<TcpState>())
        {
            var name = SnakeCase.Of(state);
            _html.Append(CultureInfo.InvariantCulture, $"<tr data-state=\"{name}\"><th scope=\"row\">{name}</th><td>{tcp[state]:N0}</td><td class=\"wide\">{Svg(100.0 * tcp[state] / most, "ok", "")}</td></tr>\n");
        }

        _html.Append("</tbody>\n</table>\n</section>\n");
    }

    void AddLevels(string title, string pool, string unit)
    {
        var rows = diagnosis.Findings.Where(finding => finding.Pool.Name == pool).Take(RowsAtMost).ToList();
        if (rows.Count == 0)
            return;
        _html.Append($"<section>\n<h2>{Text(title)}</h2>\n<table>\n<thead><tr><th scope=\"col\">Who</th><th scope=\"col\">{Text(unit)}</th><th scope=\"col\" class=\"wide\">Utilisation</th></tr></thead>\n<tbody>\n");
        foreach (var finding in rows)
            _html.Append($"<tr><th scope=\"row\">{Text(Verdicts.Holder(finding))}</th><td>{Text(Verdicts.Amount(finding.Level))}</td><td class=\"wide\">{Bar(finding.Pool, finding.Level.Utilization)}</td></tr>\n");
        _html.Append("</tbody>\n</table>\n</section>\n");
    }

    void AddMissing()
    {
        var runs = diagnosis.Snapshot.Runs.Where(static run => run.Failure is not null).ToList();
        if (runs.Count == 0)
            return;
        _html.Append("<section>\n<h2>What is missing</h2>\n<ul>\n");
        foreach (var run in runs)
        {
            var needs = run.Failure!.Reason == Absence.NotPermitted && Privileges.Of(run.Reader.Name) is { Length: > 0 } capability ? $" Needs {capability}." : "";
            _html.Append($"<li><strong>{Text(run.Reader.Name)}</strong> ({SnakeCase.Of(run.Failure.Reason)}): {Text(run.Failure.Detail)}{Text(needs)}</li>\n");
        }

        _html.Append("</ul>\n</section>\n");
    }

    /// <summary>A bar with marks where warning and critical begin.</summary>
    static string Bar(Pool pool, double? utilization)
    {
        if (utilization is not { } ratio)
            return "no limit known";
        var condition = SnakeCase.Of(pool.Judge(ratio));
        var marks = string.Create(CultureInfo.InvariantCulture,
            $"<path class=\"mark\" d=\"M{pool.WarningRatio * 100:0.#} 0V10M{pool.CriticalRatio * 100:0.#} 0V10\"/>");
        return Svg(ratio * 100, condition, marks) + $" <span class=\"percent\">{ratio.ToString("0.#%", CultureInfo.InvariantCulture)}</span>";
    }

    static string Svg(double percent, string condition, string marks) => string.Create(CultureInfo.InvariantCulture,
        $"<svg class=\"bar {condition}\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect width=\"{percent:0.##}\" height=\"10\"/>{marks}</svg>");

    string Sparkline(Pool pool)
    {
        var points = history.Of(pool.Name);
        if (points.Count < 2)
            return "";
        var path = string.Join(' ', points.Select(static point =>
            string.Create(CultureInfo.InvariantCulture, $"{100 - (point.Age / 9):0.#},{29 - (point.Utilization * 28):0.#}")));
        return $"<svg class=\"spark\" viewBox=\"0 0 100 30\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{Text(pool.Name)} over the last 15 minutes\"><polyline points=\"{path}\"/></svg>";
    }

    static string Capitalized(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    static string Text(string text) => HtmlEncoder.Default.Encode(text);
}
