using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Pools;
using OpenClaw.Exporter.Status;

namespace OpenClaw.Exporter.Tests;

public class AgreementTests
{
    /// <summary>All pools of one snapshot, read back from each place where a person or a program meets them.</summary>
    [Fact]
    public async Task Page_command_line_JSON_and_metrics_say_the_same()
    {
        using var machine = new FilledMachine();
        foreach (var (index, pool) in FilledMachine.Pools.Where(static pool => pool != "ephemeral_bind_ports").Index())
            machine.Fill(pool, 0.97 - (index * 0.01));
        var diagnosis = await machine.DiagnoseAsync();
        var exposition = Exposition.Of(diagnosis);
        using var buffer = new MemoryStream();
        await exposition.Registry.CollectAndExportAsTextAsync(buffer, TestContext.Current.CancellationToken);
        var metrics = Encoding.UTF8.GetString(buffer.ToArray());
        var json = JsonSerializer.SerializeToElement(DiagnosisDocument.Of(diagnosis, new UtilizationHistory()), DiagnosisJson.Default.DiagnosisDocument);
        using var writer = new StringWriter();
        new DiagnosisPrinter(writer, inColour: false).PrintDiagnosis(diagnosis);
        var text = writer.ToString();
        var page = new StatusPage(diagnosis, new UtilizationHistory()).Render();

        foreach (var pool in FilledMachine.Pools)
        {
            var worst = json.GetProperty("pools").EnumerateArray().First(level => level.GetProperty("pool").GetString() == pool);
            var (used, limit, ratio) = (worst.GetProperty("used").GetDouble(), worst.GetProperty("limit").GetDouble(), worst.GetProperty("utilization").GetDouble());
            Assert.Equal(used / limit, ratio);
            Assert.Matches($@"(?m)^openclaw_network_{pool}(\{{[^}}]*\}})? {used.ToString(CultureInfo.InvariantCulture)}$", metrics);
            Assert.Matches($@"(?m)^openclaw_network_{pool}_limit(\{{[^}}]*\}})? {limit.ToString(CultureInfo.InvariantCulture)}$", metrics);
            Assert.Contains(Regex.Matches(metrics, $@"(?m)^openclaw_network_pool_utilization_ratio\{{pool=""{pool}""[^}}]*\}} (\S+)$"),
                match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) == ratio);
            var amount = string.Create(CultureInfo.InvariantCulture, $"{used:N0} of {limit:N0}");
            Assert.Matches($@"(?s)data-pool=""{pool}"">.*?<td>{amount}</td>", page);
            Assert.Matches($@"(?s)(CRITICAL|WARNING) {pool}\n  used +{amount} ", text);
            Assert.Equal(worst.GetProperty("remedy").GetProperty("command").GetString(),
                diagnosis.Findings.First(finding => finding.Pool.Name == pool).Remedy.Command);
        }

        Assert.Contains($"<h1>{System.Text.Encodings.Web.HtmlEncoder.Default.Encode(json.GetProperty("verdict").GetString()!)}</h1>", page, StringComparison.Ordinal);
        Assert.Equal("critical", json.GetProperty("condition").GetString());
        Assert.StartsWith("CRITICAL: ", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PoolCondition.Ok, 0)]
    [InlineData(PoolCondition.Warning, 1)]
    [InlineData(PoolCondition.Critical, 2)]
    [InlineData(PoolCondition.Unknown, 3)]
    [InlineData(PoolCondition.Absent, 3)]
    internal void Conditions_have_exit_codes(PoolCondition condition, int code) => Assert.Equal(code, ExporterCommand.ExitCode(condition));

    [Fact]
    public async Task Only_what_is_copied_is_wider_than_a_terminal()
    {
        using var machine = new FilledMachine();
        foreach (var pool in FilledMachine.Pools)
            machine.Fill(pool, 1);
        using var writer = new StringWriter();
        new DiagnosisPrinter(writer, inColour: false).PrintDiagnosis(await machine.DiagnoseAsync());

        Assert.DoesNotContain(writer.ToString().Split('\n'), static line =>
            line.Length > 80 && !line.StartsWith("  now", StringComparison.Ordinal) && !line.StartsWith("  to keep it", StringComparison.Ordinal));
    }
}
