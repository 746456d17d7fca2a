using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Cli.Top;
using OpenClaw.Exporter.Status;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>The screen of top, for machines with and without trouble.</summary>
public partial class TopViewTests
{
    const string Hostile = "evil\e]0;owned\a\e[2J\u202e\u009b31m\r\n\t";

    [Theory]
    [InlineData(80, 24)]
    [InlineData(100, 30)]
    [InlineData(220, 60)]
    [InlineData(20, 6)]
    [InlineData(1, 1)]
    public async Task The_screen_has_exactly_its_size(int columns, int rows)
    {
        var model = Model(await DocumentAsync(0.97));
        foreach (var keys in AllViews)
        {
            foreach (var glyphs in (Glyphs[])[Glyphs.Unicode, Glyphs.Ascii])
            {
                var lines = Screen(model, keys, columns, rows, glyphs);
                Assert.Equal(rows, lines.Length);
                Assert.All(lines, line => Assert.InRange(Columns.Count(line), 0, columns));
            }
        }
    }

    [Fact]
    public async Task Five_seconds_show_the_pool_the_rest_and_the_command_at_80_by_24()
    {
        var document = await DocumentAsync(0.97);

        var screen = string.Join('\n', Screen(Model(document), "", 80, 24));

        var worst = document.Problems[0];
        Assert.StartsWith("CRITICAL: ", screen.Split('\n')[1], StringComparison.Ordinal);
        Assert.Contains(" left", screen, StringComparison.Ordinal);
        Assert.Contains($"run now {worst.Remedy.Command}"[..40], screen, StringComparison.Ordinal);
        Assert.Contains("[1 Pools]", screen, StringComparison.Ordinal);
        Assert.Contains("q quit", screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_without_trouble_says_so_and_shows_its_pools()
    {
        var screen = Screen(Model(await DocumentAsync(0.2)), "", 80, 24);

        Assert.StartsWith("OK: No network resource is near its limit", screen[1], StringComparison.Ordinal);
        Assert.DoesNotContain(screen, static line => line.Contains("run now", StringComparison.Ordinal));
        Assert.Contains(screen, static line => line.Contains("Conntrack entries", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_control_character_of_a_name_reaches_the_terminal()
    {
        var document = Poisoned(await DocumentAsync(0.97));
        foreach (var keys in AllViews)
        {
            foreach (var line in View(Model(document), keys, 120).Screen(60))
            {
                var drawn = Style().Replace(line.Render(120, Glyphs.Unicode, inColour: true), "");
                Assert.DoesNotContain(drawn, static c => char.IsControl(c) || c is '\u202e');
            }
        }
    }

    [Fact]
    public async Task Without_colour_there_is_no_escape_sequence()
    {
        var model = Model(await DocumentAsync(0.97));

        Assert.All(AllViews, keys => Assert.DoesNotContain('\e', string.Concat(Screen(model, keys, 80, 24))));
    }

    [Fact]
    public async Task The_remedy_is_that_of_diagnose()
    {
        using var machine = Machine(0.97);
        var diagnosis = await machine.DiagnoseAsync();
        using var printed = new StringWriter();
        new DiagnosisPrinter(printed, inColour: false, isVerbose: true).PrintDiagnosis(diagnosis);
        var document = DiagnosisDocument.From(diagnosis);
        var model = Model(document);
        Assert.NotEmpty(model.Present);

        for (var number = 0; number < model.Present.Length; number++)
        {
            var lines = ProblemLines
                .Remedy(model, number, 400)
                .Select(static line => line.Render(400, Glyphs.Unicode, inColour: false))
                .SkipWhile(static line => line.Length > 0)
                .Skip(1)
                .ToList();
            Assert.NotEmpty(lines);
            Assert.All(lines, line => Assert.Contains(line, printed.ToString(), StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Keys_choose_tab_order_filter_row_and_view()
    {
        var model = Model(await DocumentAsync(0.97));

        Assert.Contains(Screen(model, "2", 80, 24), static line => line.Contains("[2 Destinations]"));
        Assert.Contains(Screen(model, "s", 80, 24), static line => line.Contains("by most used"));
        var filtered = Screen(model, "/conntrack\r", 80, 24);
        Assert.Single(filtered, static line => line.StartsWith("> Conntrack entries", StringComparison.Ordinal));
        Assert.DoesNotContain(filtered, static line => line.Contains("Orphan sockets", StringComparison.Ordinal));
        Assert.Contains("  thresholds", string.Join('\n', Screen(model, "\r", 80, 24)), StringComparison.Ordinal);
        Assert.Contains("  evidence", string.Join('\n', Screen(model, "f", 80, 24)), StringComparison.Ordinal);
        Assert.Contains("(2 of ", string.Join('\n', Screen(model, "f\t", 80, 24)), StringComparison.Ordinal);
        Assert.Contains("[1 Pools]", string.Join('\n', Screen(model, "f\e", 80, 24)), StringComparison.Ordinal);
        Assert.NotEqual(Screen(model, "", 80, 24), Screen(model, "j", 80, 24));
        Assert.Equal(Screen(model, "", 80, 24), Screen(model, "jk", 80, 24));
        Assert.False(new TopState().Press(new(KeyKind.Letter, 'q'), [], static _ => 0, 10));
    }

    [Fact]
    public async Task An_unread_pool_is_shown_as_unknown()
    {
        var document = await DocumentAsync(0.2);
        document = document with
        {
            Pools = document.Pools.RemoveAll(static level => level.Pool == "conntrack_entries"),
            States =
            [
                .. document.States.Select(static state =>
                    state.Pool == "conntrack_entries" ? new(state.Pool, "unknown", "permission denied") : state
                ),
            ],
        };

        Assert.Contains(Screen(Model(document), "", 100, 30), static line =>
            line.Contains("Conntrack entries") && line.Contains("unknown") && line.Contains("denied")
        );
    }

    [Fact]
    public void A_late_reading_is_named()
    {
        var screen = Screen(Model(Healthy.Value) with { Age = TimeSpan.FromSeconds(9) }, "", 100, 24);

        Assert.Contains("no reading since 9 seconds", screen[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_document_that_was_sent_is_read_whole()
    {
        var document = await DocumentAsync(0.97);
        var sent = JsonSerializer.SerializeToUtf8Bytes(document, DiagnosisJson.Default.DiagnosisDocument);

        var read = DiagnosisDocument.Parse(sent);

        Assert.Equal(sent, JsonSerializer.SerializeToUtf8Bytes(read.Value, DiagnosisJson.Default.DiagnosisDocument));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("<html>")]
    [InlineData("""{"version":"0.0.1-old"}""")]
    public void Another_document_is_refused(string text)
    {
        var read = DiagnosisDocument.Parse(System.Text.Encoding.UTF8.GetBytes(text));

        Assert.Equal(Absence.Malformed, read.Missing?.Reason);
    }

    static Lazy<DiagnosisDocument> Healthy { get; } = new(static () => DocumentAsync(0.2).GetAwaiter().GetResult());

    /// <summary>The keys to each view.</summary>
    static readonly ImmutableArray<string> AllViews = ["", "2", "3", "4", "f", "\r", "3\r", "4\r", "?", "/a", "sr"];

    static FilledMachine Machine(double ratio)
    {
        var machine = new FilledMachine();
        foreach (var (index, pool) in FilledMachine.Pools.Where(static pool => pool != "ephemeral_bind_ports").Index())
            machine.Fill(pool, ratio - (index * 0.01));
        return machine;
    }

    static async Task<DiagnosisDocument> DocumentAsync(double ratio)
    {
        using var machine = Machine(ratio);
        return DiagnosisDocument.From(await machine.DiagnoseAsync());
    }

    /// <summary>The history has a sample for every five seconds, and the trend one for each.</summary>
    [Fact]
    public async Task The_first_look_at_an_exporter_shows_the_minute_before()
    {
        using var machine = Machine(0.5);
        machine.AddProcess(301, "openclaw-same");
        machine.AddProcess(302, "openclaw-same");
        var diagnosis = (await machine.DiagnoseAsync()).Repeat(24, TimeSpan.FromSeconds(5));
        var history = TimelineDocument.From(diagnosis.Timeline, new("boot", 1, "self"));
        var document = DiagnosisDocument.From(diagnosis);
        var alone = new UtilizationTrace();
        var trace = new UtilizationTrace();

        alone.Add(new(document, ""));
        trace.Add(new(document, "") { Earlier = history });
        trace.Add(new(document, "") { Earlier = history });

        Assert.All(document.Pools.Where(static level => level.Utilization is not null), level =>
            Assert.Single(alone.Find(level))
        );
        var worst = document.Pools.First(static level => level.Pool == "process_file_descriptors");
        Assert.Equal(60, trace.Find(worst).Count);
        Assert.All(trace.Find(worst), ratio => Assert.Equal(worst.Utilization!.Value, ratio, 3));
    }

    static TopModel Model(DiagnosisDocument document)
    {
        var trace = new UtilizationTrace();
        trace.Add(new(document, "own reading"));
        return new(document, "own reading", trace, TimeSpan.Zero);
    }

    static TopView View(TopModel model, string keys, int columns)
    {
        var state = new TopState();
        foreach (var key in Key.Parse(System.Text.Encoding.UTF8.GetBytes(keys)))
            Assert.True(state.Press(key, model.Rows.Select(state.Tab, state), model.ProblemOf, 10));
        return new(model, state, Glyphs.Unicode, columns);
    }

    static string[] Screen(TopModel model, string keys, int columns, int rows, Glyphs? glyphs = null) =>
        [
            .. View(model, keys, columns)
                .Screen(rows)
                .Select(line => line.Render(columns, glyphs ?? Glyphs.Unicode, inColour: false)),
        ];

    /// <summary>Puts a hostile text in the place of every name that someone on the machine chooses.</summary>
    static DiagnosisDocument Poisoned(DiagnosisDocument document) =>
        document with
        {
            Host = Hostile,
            Verdict = Hostile,
            Pools =
            [
                .. document.Pools.Select(static level =>
                    level with
                    {
                        Subject = Hostile,
                        Netns = Hostile,
                        Cgroup = Hostile,
                        Holders = [Named(Hostile)],
                    }
                ),
            ],
            Problems =
            [
                .. document.Problems.Select(static problem =>
                    problem with
                    {
                        Place = Hostile,
                        Evidence = Hostile,
                        Owner = Hostile,
                        Effects = [Hostile],
                        Holders = [Named(Hostile), Named(Hostile)],
                        Remedy = problem.Remedy with { Command = Hostile, Advice = Hostile, Persistence = Hostile },
                    }
                ),
            ],
        };

    static HolderDocument Named(string name) =>
        new(name, name, null, null, null, 1, name, name, name, name, "", null, null);

    [GeneratedRegex("\e\\[[0-9]+m")]
    private static partial Regex Style();
}
