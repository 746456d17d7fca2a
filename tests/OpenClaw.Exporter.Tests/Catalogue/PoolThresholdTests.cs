using System.Globalization;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Status;

namespace OpenClaw.Exporter.Tests;

/// <summary>The thresholds that an operator sets show in all places at once.</summary>
[Collection(nameof(EnvironmentTests))]
public sealed class PoolThresholdTests : IDisposable
{
    const string Orphans = "orphan_sockets";

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0.40, null, "warning")]
    [InlineData(0.40, "{orphan_sockets: {warning: 42%}}", "ok")]
    [InlineData(0.40, "{orphan_sockets: {warning: 10%, critical: 0.39}}", "critical")]
    [InlineData(0.20, "{orphan_sockets: {warning: 10%, critical: 0.39}}", "warning")]
    public async Task All_places_have_the_same_condition(double ratio, string? text, string word)
    {
        var expected = Enum.Parse<PoolCondition>(word, ignoreCase: true);
        using var machine = new FilledMachine();
        machine.Fill(Orphans, ratio);
        var snapshot = (await machine.DiagnoseAsync()).Snapshot;
        var thresholds = Parse(text);
        var diagnosis = Diagnosis.Judge(snapshot, thresholds: thresholds);
        var (warning, critical) = (
            thresholds.ForPool(PoolCatalogue.OrphanSockets).Warning,
            thresholds.ForPool(PoolCatalogue.OrphanSockets).Critical
        );

        Assert.Equal(expected, diagnosis.StateOf(PoolCatalogue.OrphanSockets).Condition);
        Assert.Equal(expected > PoolCondition.Ok, diagnosis.Problems.Any(static one => one.Name == Orphans));
        Assert.Equal(
            expected > PoolCondition.Ok ? [word] : [],
            Samples(diagnosis, "pool_exceeded_ratio")
                .Where(static one => one[0] == Orphans)
                .Select(static one => one[4])
        );
        Assert.Equal(
            [(warning, "warning"), (critical, "critical")],
            MetricCatalogue
                .All.Single(static family => family.Name == "openclaw_network_pool_threshold_ratio")
                .Read(diagnosis)
                .Where(static sample => sample.Labels[0] == Orphans)
                .Select(static sample => (sample.Value, sample.Labels[1]))
        );
        var document = DiagnosisDocument.From(diagnosis);
        Assert.Equal(word, document.States.Single(static state => state.Pool == Orphans).Condition);
        var pool = document.Pools.Single(static pool => pool.Pool == Orphans);
        Assert.Equal((word, warning, critical), (pool.Condition, pool.WarningRatio, pool.CriticalRatio));
        Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"warning from {warning:0.#%}, critical from {critical:0.#%}"),
            new StatusPage(diagnosis, "/metrics").Render(),
            StringComparison.Ordinal
        );

        // A part of the snapshot has them, too.
        Assert.Equal(
            expected,
            diagnosis.JudgePart(snapshot.Only(static _ => true)).StateOf(PoolCatalogue.OrphanSockets).Condition
        );
    }

    /// <summary>A subject has the thresholds of the first expression that matches all of it.</summary>
    [Theory]
    [InlineData("'192\\.0\\.2\\.7:.*': {warning: 20%}", "warning", 0.2, 0.9)]
    [InlineData("'192\\.0\\.2\\.7:.*': {warning: 20%, critical: 25%}", "critical", 0.2, 0.25)]
    [InlineData("'192\\.0\\.2\\.7': {critical: 25%, warning: 20%}", "ok", null, null)]
    [InlineData("'.*:443': {}, '.*': {warning: 20%}", "ok", 0.75, 0.9)]
    public async Task A_subject_can_have_its_own(string subjects, string word, double? warning, double? critical)
    {
        var expected = Enum.Parse<PoolCondition>(word, ignoreCase: true);
        using var machine = new FilledMachine();
        machine.AddConnections(30, static _ => "192.0.2.7:443");
        var snapshot = (await machine.DiagnoseAsync()).Snapshot;
        var diagnosis = Diagnosis.Judge(
            snapshot,
            thresholds: Parse($"{{ephemeral_connect_ports: {{subjects: {{{subjects}}}}}}}")
        );

        var finding = diagnosis.Findings.First(static one => one.Level.Subject == "192.0.2.7:443");
        Assert.Equal(expected, finding.Condition);
        var pool = DiagnosisDocument.From(diagnosis).Pools.First(static one => one.Subject == "192.0.2.7:443");
        Assert.Equal((warning ?? 0.75, critical ?? 0.9), (pool.WarningRatio, pool.CriticalRatio));
        Assert.Equal(
            expected > PoolCondition.Ok ? [word] : [],
            Samples(diagnosis, "pool_exceeded_ratio")
                .Where(static one => one[2] == "192.0.2.7:443")
                .Select(static one => one[4])
        );

        // The rules go by the family above, and this one is for people's own rules. Critical includes warning.
        Assert.Equal(
            expected > PoolCondition.Ok ? word : null,
            MetricCatalogue
                .All.Single(static family => family.Name == "openclaw_network_condition")
                .Read(diagnosis)
                .Where(static sample => sample.Labels[0] == "clw-network-exhausted" && sample.Value == 1)
                .Select(static sample => sample.Labels[1])
                .LastOrDefault()
        );
    }

    /// <summary>Holders are searched as soon as a threshold is reached.</summary>
    [Fact]
    public void Holders_are_searched_from_the_lowest_warning()
    {
        Assert.Equal(0.75, PoolHolders.SearchedFrom(Parse(null)));
        Assert.Equal(
            0.1,
            PoolHolders.SearchedFrom(
                Parse("{tcp_memory_bytes: {warning: 10%}, ephemeral_connect_ports: {warning: 90%}}")
            )
        );
        Assert.Equal(
            0.05,
            PoolHolders.SearchedFrom(Parse("{ephemeral_connect_ports: {subjects: {'.*': {warning: 5%}}}}"))
        );
    }

    [Theory]
    [InlineData("conntrack_entrys: {}", 1, "unknown key 'conntrack_entrys', did you mean 'conntrack_entries'?")]
    [InlineData("conntrack_entries: 60%", 1, "expected keys and values, found '60%'")]
    [InlineData("conntrack_entries:\n  warnin: 60%", 2, "unknown key 'warnin', did you mean 'warning'?")]
    [InlineData(
        "conntrack_entries:\n  warning: lots",
        2,
        "expected more than 0% and at most 100%, such as 60% or 0.6 for warning, found 'lots'"
    )]
    [InlineData("conntrack_entries:\n  warning: 0", 2, "expected more than 0%")]
    [InlineData("conntrack_entries:\n  warning: 101%", 2, "expected more than 0%")]
    [InlineData("conntrack_entries:\n  warning: -1", 2, "expected more than 0%")]
    [InlineData("conntrack_entries:\n  warning: 1e-1", 2, "expected more than 0%")]
    [InlineData(
        "conntrack_entries:\n  warning: 96%",
        2,
        "expected a warning of conntrack_entries not above critical, found 96% and "
    )]
    [InlineData(
        "conntrack_entries:\n  critical: 5%",
        2,
        "expected a warning of conntrack_entries not above critical, found "
    )]
    [InlineData(
        "orphan_sockets:\n  critical: 60%",
        2,
        "expected at most 50% for critical, where orphan_sockets is exhausted"
    )]
    [InlineData("conntrack_entries:\n  subjects: {}\n", 2, "expected no subjects: conntrack_entries has none")]
    [InlineData(
        "process_file_descriptors:\n  subjects:\n    '(': {}",
        3,
        "expected a regular expression without look-around"
    )]
    [InlineData(
        "process_file_descriptors:\n  subjects:\n    '(?=a)b': {}",
        3,
        "expected a regular expression without look-around"
    )]
    [InlineData("process_file_descriptors:\n  subjects:\n    a:\n      warning: 2", 4, "expected more than 0%")]
    public async Task A_bad_value_is_one_line_with_its_place(string text, int line, string expected)
    {
        var indented = text.Replace("\n", "\n  ", StringComparison.Ordinal);
        var file = _folder.Write("flags.yml", $"pools:\n  {indented}\n");
        var (code, error) = await RunAsync($"--config.file={file}");
        Assert.Equal(65, code);
        Assert.StartsWith($"openclaw-exporter: {file}: line {line + 1}: {expected}", error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));

        (code, error) = await RunAsync($"--pools={text}");
        Assert.Equal(64, code);
        Assert.StartsWith($"openclaw-exporter: --pools: line {line}: {expected}", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pools: 7", "--config.file")]
    [InlineData("pools: [a]", "--config.file")]
    [InlineData("{", "--pools")]
    [InlineData("7", "--pools")]
    public async Task Another_kind_of_value_is_refused(string text, string flag)
    {
        var value = flag == "--pools" ? text : _folder.Write("flags.yml", text);
        var (code, error) = await RunAsync($"{flag}={value}");
        Assert.Equal(flag == "--pools" ? 64 : 65, code);
        Assert.Single(error.Trim().Split('\n'));
    }

    static async Task<(int Code, string Error)> RunAsync(params string[] arguments)
    {
        var console = Console.Error;
        using var errors = new StringWriter();
        Console.SetError(errors);
        try
        {
            var code = await ExporterCommand.RunAsync(
                ["diagnose", .. arguments],
                static _ => throw new InvalidOperationException(),
                static (flags, _) =>
                {
                    PoolThresholds.Parse(flags.GetValue(ExporterFlags.Pools));
                    throw new InvalidOperationException("accepted");
                }
            );
            return (code, errors.ToString());
        }
        finally
        {
            Console.SetError(console);
        }
    }

    static IEnumerable<string[]> Samples(Diagnosis diagnosis, string family) =>
        MetricCatalogue
            .All.Single(one => one.Name == "openclaw_network_" + family)
            .Read(diagnosis)
            .Select(static sample => sample.Labels.ToArray());

    static PoolThresholds Parse(string? text) =>
        PoolThresholds.Parse(text is null ? null : Settings.Parse("pools.yml", text));
}
