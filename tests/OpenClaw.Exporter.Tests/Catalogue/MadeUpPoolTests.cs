using System.Collections.Immutable;
using System.Text.Json;
using OpenClaw.Exporter.Alerts;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Exporter.Status;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>
/// A pool and a symptom that are added to their lists appear in every output, without a further change.
/// </summary>
public class MadeUpPoolTests
{
    static readonly Pool Pool = PoolCatalogue.ConntrackEntries with
    {
        Name = "made_up_slots",
        UsedHelp = "Slots in use.",
        RemedyFor = static (_, _) => new Remedy("Give slots back."),
        Read = static view =>
            view.Get<Slots>()
                .Select(static slots => ImmutableArray.Create(new PoolLevel(slots.Used, 100, WholeSubject.Only))),
    };

    static readonly Symptom Symptom = SymptomCatalogue.ClwErrorsTotal with
    {
        Name = "made_up_refusals_total",
        Labels = [],
        Alert = Alert.ConntrackDrops,
        Read = static view =>
            view.Get<Slots>().Select(static slots => ImmutableArray.Create(new SymptomLevel(slots.Refused, []))),
    };

    [Fact]
    public async Task It_is_a_metric_and_on_the_page_and_in_the_text_and_in_the_document()
    {
        ImmutableArray<Pool> pools = [Pool, .. PoolCatalogue.All];
        ImmutableArray<Symptom> symptoms = [Symptom, .. SymptomCatalogue.All];
        Diagnosis Judged(int refused, Timeline earlier) =>
            Diagnosis.Judge(Evaluation.Evaluate(SnapshotOf(new(97, refused)), pools, symptoms), earlier: earlier);
        var before = Judged(1, Timeline.Empty);
        var diagnosis = Judged(4, before.Timeline);

        using var metrics = new MemoryStream();
        await Exposition
            .Publish(diagnosis, MetricCatalogue.ListFamilies(pools, symptoms))
            .Registry.CollectAndExportAsTextAsync(metrics, TestContext.Current.CancellationToken);
        var scraped = System.Text.Encoding.UTF8.GetString(metrics.ToArray());
        Assert.Contains("openclaw_network_made_up_slots{netns=\"self\"} 97\n", scraped, StringComparison.Ordinal);
        Assert.Contains(
            "openclaw_network_made_up_slots_limit{netns=\"self\"} 100\n",
            scraped,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "pool_exceeded_ratio{pool=\"made_up_slots\",netns=\"self\",subject=\"\","
                + "code=\"clw-connection-timeout\",severity=\"critical\"} 0.97\n",
            scraped,
            StringComparison.Ordinal
        );
        Assert.Contains("openclaw_network_made_up_refusals_total 4\n", scraped, StringComparison.Ordinal);

        Assert.Contains("made_up_slots", new StatusPage(diagnosis).Render(), StringComparison.Ordinal);
        using var text = new StringWriter();
        new DiagnosisPrinter(text, inColour: false).PrintDiagnosis(diagnosis);
        Assert.Contains("CRITICAL Made up slots", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("Give slots back.", text.ToString(), StringComparison.Ordinal);
        var json = JsonSerializer.Serialize(DiagnosisDocument.From(diagnosis), DiagnosisJson.Default.DiagnosisDocument);
        Assert.Contains("\"pool\": \"made_up_slots\"", json, StringComparison.Ordinal);
        Assert.Contains("\"symptom\": \"made_up_refusals_total\"", json, StringComparison.Ordinal);
        Assert.Equal(ClwCodes.ConnectionTimeout, diagnosis.Problems[0].Codes[0]);
    }

    [Fact]
    public void It_is_in_the_rules_and_the_reference()
    {
        ImmutableArray<Pool> pools = [Pool, .. PoolCatalogue.All];
        ImmutableArray<Symptom> symptoms = [Symptom, .. SymptomCatalogue.All];

        var rules = RuleFile.Prometheus(RuleOptions.Shipped, AlertCatalogue.ListGroups(pools));
        Assert.Contains("eq $labels.pool \"made_up_slots\"", rules, StringComparison.Ordinal);
        Assert.DoesNotContain("made_up_slots", RuleFile.Prometheus(RuleOptions.Shipped), StringComparison.Ordinal);

        Assert.Contains(ReadmeTests.PoolRows(pools), static row => row[0] == "`made_up_slots`");
        var metrics = ReadmeTests.MetricRows(MetricCatalogue.ListFamilies(pools, symptoms)).ToList();
        Assert.All((string[])["made_up_slots", "made_up_slots_limit", "made_up_refusals_total"], name =>
            Assert.Contains(metrics, row => row[0] == $"`openclaw_network_{name}`")
        );
    }

    static Snapshot SnapshotOf(Slots slots) =>
        ImmutableArray
            .Create<Reader>(new FunctionReader<Slots>("made_up", "a test", _ => slots))
            .SnapshotHere(DateTimeOffset.UnixEpoch.AddMinutes(slots.Refused));

    sealed record Slots(long Used, long Refused) : IPerNamespace;
}
