using System.Text.RegularExpressions;
using OpenClaw.Exporter.Alerts;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Kernel;
using OpenClaw.Kernel.KernelLog;
using OpenClaw.Kernel.Probe;

namespace OpenClaw.Exporter.Tests;

/// <summary>Every alert links to a runbook that has the needed sections and the rule's present facts.</summary>
public partial class RunbookTests
{
    const string Folder = "alerts/runbooks/";

    static readonly string[] Sections = ["Symptom", "Confirm", "Fix", "Persistence", "Verification", "Pitfalls"];

    public static TheoryData<string> Alerts => [.. AlertCatalogue.All.Select(static alert => alert.Name)];

    [Fact]
    public void Each_alert_has_one_and_each_has_its_alert() =>
        Assert.Equal(
            AlertCatalogue.All.Select(static alert => alert.Name + ".md").Order(StringComparer.Ordinal),
            Directory
                .GetFiles(Repository.PathOf(Folder))
                .Select(static file => Path.GetFileName(file))
                .Order(StringComparer.Ordinal)
        );

    [Theory]
    [MemberData(nameof(Alerts))]
    public void It_says_the_same_as_the_rule(string name)
    {
        var alert = AlertCatalogue.All.Single(alert => alert.Name == name);
        var path = $"{Folder}{name}.md";
        var text = File.ReadAllText(Repository.PathOf(path));
        Assert.StartsWith($"# {name}\n", text, StringComparison.Ordinal);
        Assert.Equal(
            Sections,
            text.Split('\n')
                .Where(static line => line.StartsWith("## ", StringComparison.Ordinal))
                .Select(static line => line[3..])
        );
        Assert.All(text.Split("\n## ")[1..], static section =>
            Assert.NotEmpty(section[section.IndexOf('\n', StringComparison.Ordinal)..].Trim())
        );

        text = GeneratedFile.Replaced(
            path,
            text,
            "rule",
            GeneratedFile.Table(
                ["severity", "code", "waits", "stays", "condition"],
                [
                    [alert.Severity, Fact(alert.Code), alert.For, alert.KeepFiringFor, alert.Headline],
                ]
            )
        );
        if (!alert.Causes.IsEmpty)
        {
            text = GeneratedFile.Replaced(
                path,
                text,
                "fix",
                GeneratedFile.Table(
                    ["pool", "makes room"],
                    PoolCatalogue
                        .All.Where(pool => alert.Causes.Contains(pool.Name))
                        .Select(static pool => new[] { $"`{pool.Name}`", pool.Remedy })
                )
            );
        }

        GeneratedFile.AssertCurrent(path, text);
    }

    [Theory]
    [MemberData(nameof(Alerts))]
    public void It_names_the_metrics_of_its_alert(string name) =>
        Assert.All(MetricsOf(name), metric => Assert.Contains(metric.Name, Read(name), StringComparison.Ordinal));

    /// <summary>
    /// A runbook copied from another alert would pass every other test, so its commands must fit its own alert.
    /// </summary>
    [Theory]
    [MemberData(nameof(Alerts))]
    public void It_confirms_with_a_command_that_shows_a_metric_of_its_alert_or_the_figure_of_the_kernel_behind_it(
        string name
    )
    {
        var commands = string.Concat(
            CommandBlock().Matches(Section(name, "Confirm")).Select(static block => block.Value)
        );
        Assert.Contains(MetricsOf(name).SelectMany(static metric => metric.Figures.Append(metric.Name)), figure =>
            Regex.IsMatch(commands, $@"(?<!\w){Regex.Escape(figure)}(?!\w)")
        );
    }

    [Fact]
    public void No_paragraph_stands_in_two_of_them()
    {
        var paragraphs =
            from name in AlertCatalogue.All.Select(static alert => alert.Name)
            from paragraph in Paragraphs(Generated().Replace(Read(name), "")).Distinct()
            group name by paragraph into runbooks
            where runbooks.Count() > 1
            select $"{string.Join(", ", runbooks)}: {runbooks.Key}";
        Assert.Empty(paragraphs);
    }

    [Fact]
    public void The_runbook_of_a_lost_sysctl_confirms_the_key_of_the_alert()
    {
        var confirm = Section("OpenClawSysctlLost", "Confirm");
        Assert.Contains("label `key`", confirm, StringComparison.Ordinal);
        Assert.All(KernelReaders.Sysctls, key => Assert.DoesNotContain(key, confirm, StringComparison.Ordinal));
    }

    /// <summary>
    /// With either option glibc sends the A and AAAA queries one after the other. single-request-reopen opens another
    /// socket in between, for servers that answer only one query per port (resolv/res_send.c, send_dg).
    /// </summary>
    [Fact]
    public void The_runbook_of_insert_failures_ends_the_race_of_two_queries()
    {
        var fix = Paragraphs(Section("OpenClawConntrackInsertFailures", "Fix")).ToList();
        Assert.Contains("`options single-request`", fix[0], StringComparison.Ordinal);
        Assert.DoesNotContain("single-request-reopen", fix[0], StringComparison.Ordinal);
        Assert.Contains("another tracked connection", fix[1], StringComparison.Ordinal);
    }

    /// <summary>
    /// The metrics that an alert is about, with the names of the kernel's figures behind them. They are those of its
    /// symptoms, with counters before messages; otherwise the first metric of its expression.
    /// </summary>
    static List<(string Name, string[] Figures)> MetricsOf(string name)
    {
        var symptoms = SymptomCatalogue
            .All.Where(symptom => AlertsOf(symptom).Any(alert => alert?.RuleName == name))
            .ToList();
        if (symptoms.Exists(static symptom => symptom.IsCounter))
            symptoms.RemoveAll(static symptom => !symptom.IsCounter);
        if (symptoms.Count > 0)
        {
            return
            [
                .. symptoms.Select(static symptom => ("openclaw_network_" + symptom.Name, FiguresOf(symptom.Source))),
            ];
        }

        var series = LabelSelector.Metrics(AlertCatalogue.All.Single(alert => alert.Name == name).Expression).First();
        return [(series.Split(':') is [_, var metric, _] ? metric : series, [])];
    }

    /// <summary>The alerts that levels of a symptom can have.</summary>
    static IEnumerable<Alert?> AlertsOf(Symptom symptom)
    {
        if (symptom == SymptomCatalogue.KernelLogEventTimestampSeconds)
            return Enum.GetValues<KernelLogKind>().Select(Alert.OfKernelLog);
        if (symptom == SymptomCatalogue.ProbeSuccess)
            return Enum.GetValues<ProbeOperation>().Select(Alert.OfProbe);
        return symptom == SymptomCatalogue.ClwErrorsTotal ? ClwCodes.All.Select(Alert.OfClwError) : [symptom.Alert];
    }

    /// <summary>The figures of a source on a command line: a counter's name in nstat, a file, or dmesg.</summary>
    static string[] FiguresOf(string source) =>
        source switch
        {
            "/dev/kmsg" => ["dmesg"],
            _ when source.StartsWith("inet_diag", StringComparison.Ordinal) => ["ss"],
            _ when NstatCounter().Match(source) is { Success: true } counter =>
            [
                counter.Groups[1].Value + counter.Groups[2].Value,
            ],
            _ => [source.Split([':', ','])[0]],
        };

    [GeneratedRegex(": (TcpExt|Udp) (\\w+)")]
    private static partial Regex NstatCounter();

    [GeneratedRegex("```sh\n.*?```", RegexOptions.Singleline)]
    private static partial Regex CommandBlock();

    [GeneratedRegex("<!-- generated: .*?<!-- end -->", RegexOptions.Singleline)]
    private static partial Regex Generated();

    /// <summary>Paragraphs, code blocks and list items, without headings.</summary>
    static IEnumerable<string> Paragraphs(string text) =>
        text.Split(["\n\n", "\n- "], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(static paragraph => paragraph.TrimStart('-', ' '))
            .Where(static paragraph => !paragraph.StartsWith('#'));

    static string Section(string name, string heading)
    {
        var text = Read(name);
        var from = text.IndexOf($"\n## {heading}\n", StringComparison.Ordinal) + heading.Length + 5;
        var to = text.IndexOf("\n## ", from, StringComparison.Ordinal);
        return to < 0 ? text[from..] : text[from..to];
    }

    static string Read(string name) => File.ReadAllText(Repository.PathOf($"{Folder}{name}.md"));

    static string Fact(string code) =>
        code switch
        {
            "" => "its label",
            _ when code.Contains('{', StringComparison.Ordinal) => "by its label `key`",
            _ => $"`{code}`",
        };
}
