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

    /// <summary>Encodes text from outside for HTML.</summary>
    public static string Text(string text) => HtmlEncoder.Default.Encode(VisibleText.Escape(text));

    /// <summary>The fullest levels of a pool; empty where it has none.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="unit">The heading of the numbers.</param>
    public string Fullest(Pool pool, string unit)
    {
        var rows = diagnosis.Findings.Where(finding => finding.Pool == pool).Take(RowsAtMost).ToList();
        if (rows.Count == 0)
            return "";
        var html = new StringBuilder(
            $"<table>\n<thead><tr><th scope=\"col\">Name</th><th scope=\"col\">{Text(unit)}</th><th "
                + $"scope=\"col\" class=\"wide\">Utilisation</th></tr></thead>\n<tbody>\n"
        );
        foreach (var finding in rows)
        {
            html.Append(
                $"<tr><th scope=\"row\">{Text(Verdicts.Place(finding.Level))}</th>"
                    + $"<td class=\"amount\">{Text(Verdicts.Amount(finding))}</td>"
                    + $"<td class=\"wide\">{Bar(finding.Pool, finding.Level.Utilization)}</td></tr>\n"
            );
        }

        return html.Append("</tbody>\n</table>\n").ToString();
    }

    /// <summary>Every pool with its fullest level.</summary>
    public string Pools()
    {
        var html = new StringBuilder(
            """
            <table>
            <thead><tr><th scope="col">Pool</th><th scope="col">Used</th><th scope="col" class="wide">Utilisation</th><th scope="col" class="wide">Last 15 minutes</th></tr></thead>
            <tbody>

            """
        );
        foreach (var state in diagnosis.Pools)
        {
            var fullest = diagnosis.Findings.FirstOrDefault(finding => ReferenceEquals(finding.Pool, state.Pool));
            var condition = SnakeCase.Convert(state.Condition);
            var name = Text(state.Pool.Name);
            html.Append(
                $"<tr class=\"{condition}\" data-pool=\"{name}\"><th scope=\"row\"><span class=\"name\"><span "
                    + $"class=\"badge {condition}\">{condition}</span> {Text(state.Pool.Title)}</span>"
            );
            if (fullest is null)
            {
                html.Append(
                    $"</th><td colspan=\"3\">{Text(state.Levels.Missing?.Detail ?? "none in use")}</td></tr>\n"
                );
                continue;
            }

            html.Append($"<small>{Text(Verdicts.Place(fullest.Level))}</small>");
            if (state.Unread is { } unread)
                html.Append($"<small>Incomplete: {Text(unread.Detail)}</small>");
            html.Append(
                $"</th><td class=\"amount\">{Text(Verdicts.Amount(fullest))}</td>"
                    + $"<td class=\"wide\">{Bar(state.Pool, fullest.Level.Utilization)}</td>"
                    + $"<td class=\"wide\">{Sparkline(state.Pool)}</td></tr>\n"
            );
        }

        return html.Append("</tbody>\n</table>\n").ToString();
    }

    /// <summary>The number of TCP sockets in each state; empty where they could not be read.</summary>
    public string TcpStates()
    {
        if (!diagnosis.Primary.Get<TcpSockets>().TryGet(out var tcp))
            return "";
        var html = new StringBuilder(
            "<table class=\"states\">\n<thead><tr><th scope=\"col\">State</th><th scope=\"col\">Sockets</th>"
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
    static string Bar(Pool pool, double? utilization)
    {
        if (utilization is not { } ratio)
            return "no known limit";
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
}
