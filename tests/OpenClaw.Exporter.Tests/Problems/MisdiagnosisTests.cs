using System.Text.Json;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Status;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Tests;

/// <summary>With several pools high and one exhausted, the exhausted one is named with its own remedy.</summary>
public class MisdiagnosisTests
{
    /// <summary>
    /// All ordered pairs but one: a destination that takes all ports leaves none for bind(), so those two always fill
    /// together.
    /// </summary>
    public static TheoryData<string, string> Pairs =>
        [
            .. from exhausted in FilledMachine.Pools
            from high in FilledMachine.Pools
            where exhausted != high && (exhausted, high) != ("ephemeral_connect_ports", "ephemeral_bind_ports")
            select (exhausted, high),
        ];

    [Fact]
    public void Each_pool_has_a_scenario() =>
        Assert.Equal(
            PoolCatalogue.All.Select(static pool => pool.Name).Order(StringComparer.Ordinal),
            Scenario.All.Select(static scenario => scenario.Pool).Order(StringComparer.Ordinal)
        );

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task The_exhausted_pool_is_named(string exhausted, string high)
    {
        using var machine = new FilledMachine();
        var critical = PoolCatalogue.All.Single(pool => pool.Name == high).CriticalRatio;
        machine.Fill(high, critical - 0.01);
        machine.Fill(exhausted, 1);

        var diagnosis = await machine.DiagnoseAsync();

        var worst = diagnosis.Findings[0];
        Assert.Equal(exhausted, worst.Pool.Name);
        Assert.Equal(PoolCondition.Critical, worst.Condition);
        Assert.Equal(PoolCondition.Warning, diagnosis.Findings.First(finding => finding.Pool.Name == high).Condition);
        Assert.StartsWith(worst.Pool.Headline, Verdicts.Summarize(diagnosis), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(Scenario.All.Single(scenario => scenario.Pool == exhausted).Command, worst.Remedy.Command);

        var json = JsonSerializer.SerializeToElement(
            DiagnosisDocument.From(diagnosis),
            DiagnosisJson.Default.DiagnosisDocument
        );
        Assert.Equal(exhausted, json.GetProperty("pools")[0].GetProperty("pool").GetString());
        using var text = new StringWriter();
        new DiagnosisPrinter(text, inColour: false).PrintDiagnosis(diagnosis);
        Assert.Contains($"CRITICAL {Titles.From(exhausted)}\n", text.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\e', text.ToString());
    }
}
