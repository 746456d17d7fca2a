using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Pools;
using OpenClaw.Exporter.Runtime;
using OpenClaw.Exporter.Status;
using OpenClaw.Kernel;

namespace OpenClaw.Exporter.Tests;

/// <summary>What strangers can put on the page, and how large they can make it.</summary>
public partial class StatusPageTextTests
{
    const string Hostile = "<script>alert(\"x\")</script>'&\n\u2028";

    [Fact]
    public async Task Nothing_that_a_stranger_names_becomes_markup()
    {
        using var machine = new FilledMachine();
        machine.AddProcess(99, Hostile);
        var errors = new FunctionReader<ClwErrors>("openclaw_log", "", _ =>
            new ClwErrors(ImmutableSortedDictionary<string, long>.Empty, new(DateTimeOffset.UtcNow, "clw-" + Hostile, Hostile, Hostile)));
        var broken = new FunctionReader<RuntimeStatus>("runtime_status", "", _ => new Missing(Absence.Failed, Hostile));

        var page = new StatusPage(await machine.DiagnoseAsync(null, errors, broken), new()).Render();

        Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("alert(\"", page, StringComparison.Ordinal);
        Assert.InRange(Regex.Count(page, "&lt;script&gt;"), 4, int.MaxValue);

        // Every tag that is left is one that the page itself writes.
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
        var history = new UtilizationHistory();
        var diagnosis = await machine.DiagnoseAsync();
        for (var i = 0; i < 180; i++)
            history.Add(Diagnosis.Of(new Snapshot(DateTimeOffset.UtcNow.AddSeconds(5 * i), diagnosis.Snapshot.Runs)));

        Assert.InRange(Encoding.UTF8.GetByteCount(new StatusPage(diagnosis, history).Render()), 10_000, 60_000);
    }

    static readonly string[] Written =
    [
        "!doctype", "html", "head", "meta", "title", "link", "script", "body", "main", "header", "p", "h1", "h2", "time", "section", "span", "strong", "div",
        "code", "button", "table", "thead", "tbody", "tr", "th", "td", "small", "svg", "rect", "path", "polyline", "ul", "li", "footer", "a",
    ];

    [GeneratedRegex("<(?:/)?([!a-z0-9]+)")]
    private static partial Regex Tag();
}
