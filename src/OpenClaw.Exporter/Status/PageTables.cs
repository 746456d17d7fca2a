using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Status;

/// <summary>The tables of the status page, as HTML.</summary>
/// <param name="diagnosis">The diagnosis to show.</param>
sealed class PageTables(Diagnosis diagnosis)
{
    const int RowsAtMost = 6;
    const int PointsAtMost = 60;

    /// <summary>Encodes text from outside for HTML.</summary>
    public static string Text(string text) => HtmlEncoder.Default.Encode(VisibleText.Escape(text));

    /// <summary>
    /// Encodes a command for HTML. A narrow screen breaks it at a space, before an equals sign, or before a dot with a
    /// letter behind it. Only a longer part is broken elsewhere. A copy has no trace of that.
    /// </summary>
    public static string Command(string text)
    {
        var html = new StringBuilder(string.Join('\n', text.Split('\n').Select(Text)));
        for (var i = html.Length - 2; i > 0; i--)
        {
            if (html[i] == '.' ? char.IsAsciiLetter(html[i + 1]) : html[i] == '=' && !char.IsWhiteSpace(html[i - 1]))
                html.Insert(i, "<wbr>");
        }

        return html.ToString();
    }

    /// <summary>The fullest levels of a pool; empty where it has none.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="unit">The heading of the numbers.</param>
    public string Fullest(Pool pool, string unit)
    {
        var rows = diagnosis.Findings.Where(finding => finding.Pool == pool).Take(RowsAtMost).ToList();
        if (rows.Count == 0)
            return "";
        var html = new StringBuilder(
            $"<table class=\"fullest\">\n<thead><tr><th scope=\"col\">name</th><th scope=\"col\">{Text(unit)}</th><th "
                + $"scope=\"col\" class=\"wide\">utilisation</th></tr></thead>\n<tbody>\n"
        );
        foreach (var finding in rows)
        {
            html.Append(
                $"<tr><th scope=\"row\">{Text(Verdicts.Place(finding.Level))}</th>"
                    + $"<td class=\"amount\">{Text(Verdicts.Amount(finding))}</td>"
                    + $"<td class=\"wide\">{Bar(finding.Pool, finding.Level)}</td></tr>\n"
            );
        }

        return html.Append("</tbody>\n</table>\n").ToString();
    }

    /// <summary>Every pool with its fullest level, as a section.</summary>
    public string Resources()
    {
        var html = new StringBuilder(
            """
            <section class="panel resources" aria-labelledby="h-resources">
            <h2 id="h-resources">All resources</h2>
            <table class="pools">
            <thead><tr><th scope="col">resource</th><th scope="col">used</th><th scope="col">utilisation</th><th scope="col">last 15 minutes</th></tr></thead>
            <tbody>

            """
        );
        foreach (var state in diagnosis.Pools.Where(static state => state.Condition != PoolCondition.Absent))
            AddRow(html, state);
        html.Append("</tbody>\n</table>\n");
        var absent = diagnosis.Pools.Where(static state => state.Condition == PoolCondition.Absent).ToList();
        if (absent.Count > 0)
        {
            html.Append("<p class=\"note\">Absent or not asked for: ");
            html.AppendJoin(
                "; ",
                absent.Select(static state =>
                    $"<span data-pool=\"{Text(state.Pool.Name)}\" "
                    + $"title=\"{Text(state.Levels.Missing?.Detail ?? "")}\">"
                    + $"{Text(state.Pool.Label)}</span>"
                )
            );
            html.Append("</p>\n");
        }

        return html.Append("</section>\n").ToString();
    }

    void AddRow(StringBuilder html, PoolState state)
    {
        var fullest = diagnosis.Findings.FirstOrDefault(finding => ReferenceEquals(finding.Pool, state.Pool));
        var condition = SnakeCase.Convert(state.Condition);
        var name = Text(state.Pool.Name);
        html.Append(
            $"<tr class=\"{condition}\" data-pool=\"{name}\"><th scope=\"row\"><span class=\"name\" "
                + $"title=\"openclaw_network_{name}\">{Text(state.Pool.Label)}"
                + $"<span class=\"unseen\">: {condition}</span></span>"
        );
        if (fullest is null)
        {
            var words = state.Unread is null ? "none in use" : state.Unread.Detail;
            var kind = state.Unread is null ? "none" : "unknown";
            html.Append(
                $"</th><td class=\"why\" colspan=\"3\" title=\"{Text(words)}\"><span class=\"{kind}\">{kind}</span>"
                    + $"<small>{Text(words)}</small></td></tr>\n"
            );
            return;
        }

        var place = Verdicts.Place(fullest.Level);
        var note = state.Unread is { } unread ? $"incomplete: {unread.Detail}" : place;
        if (note.Length > 0)
            html.Append($" <small title=\"{Text(note)}\">{Text(note)}</small>");
        html.Append(
            $"</th><td class=\"amount\">{Text(Verdicts.Amount(fullest))}</td>"
                + $"<td class=\"use\">{Bar(state.Pool, fullest.Level)}</td>"
                + $"<td class=\"course\">{Sparkline(state.Pool)}</td></tr>\n"
        );
    }

    /// <summary>Renders a table of words. A column without any is left out.</summary>
    /// <param name="headings">The headings of the columns.</param>
    /// <param name="rows">The rows, each with a text for every column.</param>
    public static string Rows(string[] headings, IEnumerable<string[]> rows)
    {
        var all = rows.ToList();
        int[] columns = [.. Enumerable.Range(0, headings.Length).Where(at => all.Exists(row => row[at].Length > 0))];
        var html = new StringBuilder("<div class=\"scroll\"><table class=\"words\">\n<thead><tr>");
        foreach (var at in columns)
            html.Append($"<th scope=\"col\">{Text(headings[at])}</th>");
        html.Append("</tr></thead>\n<tbody>\n");
        foreach (var row in all)
        {
            html.Append("<tr>");
            foreach (var at in columns)
                html.Append($"<td data-label=\"{Text(headings[at])}\">{Text(row[at])}</td>");
            html.Append("</tr>\n");
        }

        return html.Append("</tbody>\n</table></div>\n").ToString();
    }

    /// <summary>The number of TCP sockets in each state; empty where they could not be read.</summary>
    public string TcpStates()
    {
        if (!diagnosis.Primary.Get<TcpSockets>().TryGet(out var tcp))
            return "";
        var html = new StringBuilder(
            "<table class=\"states\">\n<thead><tr><th scope=\"col\">state</th><th scope=\"col\">sockets</th>"
                + "</tr></thead>\n<tbody>\n"
        );
        foreach (var state in Enum.GetValues<TcpState>())
        {
            var name = SnakeCase.Convert(state);
            html.Append(
                CultureInfo.InvariantCulture,
                $"<tr data-state=\"{name}\"><th scope=\"row\">{name}</th><td>{tcp[state]:N0}</td></tr>\n"
            );
        }

        return html.Append("</tbody>\n</table>\n").ToString();
    }

    /// <summary>Renders a bar with marks at the thresholds of warning and critical.</summary>
    static string Bar(Pool pool, PoolLevel level)
    {
        if (level.Utilization is not { } ratio)
            return "<span class=\"percent\">no known limit</span>";
        var thresholds = pool.ThresholdsOf(level);
        var condition = SnakeCase.Convert(thresholds.Judge(ratio));
        var marks = string.Create(
            CultureInfo.InvariantCulture,
            $"M{thresholds.Warning * 100:0.#} 0V10M{thresholds.Critical * 100:0.#} 0V10"
        );
        var limits = string.Create(
            CultureInfo.InvariantCulture,
            $"warning from {thresholds.Warning:0.#%}, critical from {thresholds.Critical:0.#%}"
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
            Thinned(points)
                .Select(static point =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{100 - (point.Age / 9):0.#},{29 - (point.Utilization * 28):0.#}"
                    )
                )
        );
        return $"<svg class=\"spark\" viewBox=\"0 0 100 30\" preserveAspectRatio=\"none\" role=\"img\" "
            + $"aria-label=\"{Text(Course(pool, points))}\"><polyline points=\"{path}\"/></svg>";
    }

    /// <summary>Returns as many points as a sparkline can show: the highest of each few, and the newest.</summary>
    static IEnumerable<(double Age, double Utilization)> Thinned(
        IReadOnlyList<(double Age, double Utilization)> points
    ) =>
        points
            .Chunk((points.Count / PointsAtMost) + 1)
            .Select(static few => few.MaxBy(static point => point.Utilization))
            .Append(points[^1]);

    /// <summary>Describes a sparkline in words, for screen readers.</summary>
    static string Course(Pool pool, IReadOnlyList<(double Age, double Utilization)> points)
    {
        var (first, last) = (Percentage.Format(points[0].Utilization), Percentage.Format(points[^1].Utilization));
        var least = Percentage.Format(points.Min(static point => point.Utilization));
        var most = Percentage.Format(points.Max(static point => point.Utilization));
        return $"{pool.Headline} in the last 15 minutes: from {first} to {last}, between {least} and {most}";
    }
}
