using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Status;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>Text on the page from untrusted sources, and the most that it can enlarge the page.</summary>
public partial class StatusPageTextTests
{
    const string Hostile = "<script>alert(\"x\")</script>'&\n\u2028";

    [Fact]
    public async Task Nothing_that_a_stranger_names_becomes_markup()
    {
        using var machine = new FilledMachine();
        machine.AddProcess(99, Hostile);
        var errors = new FunctionReader<ClwErrors>("openclaw_log", "", _ => new ClwErrors(
            ImmutableSortedDictionary<string, long>.Empty,
            [new(DateTimeOffset.UtcNow, "clw-" + Hostile, Hostile, Hostile)]
        ));
        var broken = new FunctionReader<RuntimeStatus>("runtime_status", "", _ => new Missing(Absence.Failed, Hostile));

        var page = new StatusPage(await machine.DiagnoseAsync(null, errors, broken)).Render();

        Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("alert(\"", page, StringComparison.Ordinal);
        Assert.InRange(Regex.Count(page, "&lt;script&gt;"), 4, int.MaxValue);

        // Every remaining tag is written by the page itself.
        Assert.All(Tag().Matches(page), static tag => Assert.Contains(tag.Groups[1].Value, Written));
    }

    [Fact]
    public async Task With_everything_full_and_everyone_there_it_stays_below_60_KB()
    {
        using var machine = new FilledMachine();
        foreach (var pool in FilledMachine.Pools)
            machine.Fill(pool, 1);
        for (var pid = 100; pid < 200; pid++)
            machine.AddProcess(pid, $"process-{pid}-" + new string('x', 40));
        var log = new ClwLog(TimeProvider.System);
        for (var i = 0; i < 20; i++)
        {
            log.Append(
                Encoding.UTF8.GetBytes(
                    $"Error Code: clw-network-exhausted\nContext: {new string('ä', 4000)}\nDetails: "
                        + $"{new string('ä', 4000)}\n"
                )
            );
        }

        var diagnosis = await machine.DiagnoseAsync(
            null,
            new FunctionReader<ClwErrors>("openclaw_log", "", _ => log.Errors)
        );
        diagnosis = diagnosis.Repeat(180, TimeSpan.FromSeconds(5));

        Assert.InRange(Encoding.UTF8.GetByteCount(new StatusPage(diagnosis).Render()), 10_000, 60_000);
    }

    [Fact]
    public async Task Screen_readers_get_the_same_facts()
    {
        using var machine = new FilledMachine();
        foreach (var pool in FilledMachine.Pools)
            machine.Fill(pool, 1);
        var diagnosis = (await machine.DiagnoseAsync()).Repeat(2, TimeSpan.FromSeconds(5));
        var page = new StatusPage(diagnosis).Render();

        // The landmarks are siblings, and each section is named by a heading with a unique id.
        Assert.Matches(
            @"(?s)<aside .*</aside>.*<header .*</header>\s*<main class=.*</main>\s*</div>\s*"
                + @"<footer>.*</footer>\s*<p id=""said"" role=""status""",
            page
        );
        var sections = Regex
            .Matches(page, "<section[^>]*>")
            .Select(static match => Regex.Match(match.Value, "aria-labelledby=\"([a-z0-9_-]+)\"").Groups[1].Value)
            .ToList();
        Assert.InRange(sections.Count, 5, 100);
        Assert.All(sections, id => Assert.Single(Regex.Matches(page, $"<h2 id=\"{id}\"[ >]")));
        Assert.All(Regex.Matches(page, "<table[^>]*>\n<([a-z]+)>").ToList(), static table =>
            Assert.Equal("thead", table.Groups[1].Value)
        );

        var names = Regex
            .Matches(page, "<button[^>]* aria-label=\"(Copy [^\"]+)\"")
            .Select(static match => match.Groups[1].Value)
            .ToList();
        Assert.InRange(names.Count, 10, 100);
        Assert.Contains("Copy sysctl -w fs.file-max=2000", names);
        Assert.Contains("warning from 75%, critical from 90%", page, StringComparison.Ordinal);
        Assert.Contains(
            "conntrack entries in the last 15 minutes: from 100% to 100%, between 100% and 100%",
            page,
            StringComparison.Ordinal
        );
    }

    /// <summary>WCAG 2.2 demands a contrast of 4.5 to 1 for text, on the page and on raised areas.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Words_stand_out_from_what_is_behind_them(int scheme)
    {
        var css = File.ReadAllText(Repository.PathOf("src/OpenClaw.Exporter/Status/page.css"));
        var colours = Regex
            .Matches(Regex.Matches(css, @":root \{[^}]*\}")[scheme].Value, "--([a-z]+): (#[0-9a-f]+)")
            .ToDictionary(static match => match.Groups[1].Value, static match => match.Groups[2].Value);
        foreach (var behind in (string[])["ground", "fill"])
        {
            foreach (var word in (string[])["text", "quiet", "ok", "warning", "critical", "unknown", "absent", "step"])
            {
                Assert.True(
                    Contrast(colours[word], colours[behind]) >= 4.5,
                    $"{word} on {behind}: {Contrast(colours[word], colours[behind]):0.00}"
                );
            }
        }
    }

    static double Contrast(string one, string other)
    {
        var (a, b) = (Luminance(one), Luminance(other));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    /// <summary>Relative luminance, as WCAG defines it.</summary>
    static double Luminance(string colour)
    {
        var hex =
            colour.Length == 4 ? string.Concat(colour[1..].Select(static digit => $"{digit}{digit}")) : colour[1..];
        double Channel(int at)
        {
            var value = Convert.ToInt32(hex.Substring(at, 2), 16) / 255.0;
            return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
        }

        return (0.2126 * Channel(0)) + (0.7152 * Channel(2)) + (0.0722 * Channel(4));
    }

    static readonly string[] Written =
    [
        "!doctype",
        "html",
        "head",
        "meta",
        "title",
        "link",
        "script",
        "body",
        "main",
        "header",
        "p",
        "h1",
        "h2",
        "h3",
        "time",
        "section",
        "span",
        "strong",
        "div",
        "code",
        "button",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "small",
        "svg",
        "rect",
        "path",
        "polyline",
        "ul",
        "ol",
        "details",
        "summary",
        "li",
        "footer",
        "a",
        "aside",
    ];

    [GeneratedRegex("<(?:/)?([!a-z0-9]+)")]
    private static partial Regex Tag();
}
