using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Status;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

public class AgreementTests
{
    /// <summary>Compares all pools of one snapshot in every output.</summary>
    [Fact]
    public async Task Page_command_line_JSON_and_metrics_say_the_same()
    {
        using var machine = new FilledMachine();
        foreach (var (index, pool) in FilledMachine.Pools.Where(static pool => pool != "ephemeral_bind_ports").Index())
            machine.Fill(pool, 0.97 - (index * 0.01));
        var diagnosis = await machine.DiagnoseAsync();
        var exposition = Exposition.Publish(diagnosis);
        using var buffer = new MemoryStream();
        await exposition.Registry.CollectAndExportAsTextAsync(buffer, TestContext.Current.CancellationToken);
        var metrics = Encoding.UTF8.GetString(buffer.ToArray());
        var json = JsonSerializer.SerializeToElement(
            DiagnosisDocument.From(diagnosis),
            DiagnosisJson.Default.DiagnosisDocument
        );
        using var writer = new StringWriter();
        new DiagnosisPrinter(writer, inColour: false, isVerbose: true).PrintDiagnosis(diagnosis);
        var text = writer.ToString();
        var page = new StatusPage(diagnosis).Render();

        foreach (var pool in FilledMachine.Pools)
        {
            var worst = json.GetProperty("pools")
                .EnumerateArray()
                .First(level => level.GetProperty("pool").GetString() == pool);
            var (used, limit, ratio) = (
                worst.GetProperty("used").GetDouble(),
                worst.GetProperty("limit").GetDouble(),
                worst.GetProperty("utilization").GetDouble()
            );
            Assert.Equal(used / limit, ratio);
            Assert.Matches(
                $@"(?m)^openclaw_network_{pool}(\{{[^}}]*\}})? {used.ToString(CultureInfo.InvariantCulture)}$",
                metrics
            );
            Assert.Matches(
                $@"(?m)^openclaw_network_{pool}_limit(\{{[^}}]*\}})? {limit.ToString(CultureInfo.InvariantCulture)}$",
                metrics
            );
            Assert.Contains(
                Regex.Matches(
                    metrics,
                    $@"(?m)^openclaw_network_pool_utilization_ratio\{{pool=""{pool}""[^}}]*\}} (\S+)$"
                ),
                match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) == ratio
            );
            var amount = pool.EndsWith("_bytes", StringComparison.Ordinal)
                ? $"{ByteSize.Format(used)} of {ByteSize.Format(limit)}"
                : string.Create(CultureInfo.InvariantCulture, $"{used:N0} of {limit:N0}");
            Assert.Matches($@"(?s)data-pool=""{pool}"">.*?<td class=""amount"">{amount}</td>", page);

            // The connections that fill one pool of ports fill the other one, which is shown as their effect.
            var words = amount.Replace(" ", @"\s+", StringComparison.Ordinal);
            Assert.Matches(
                pool == PoolCatalogue.EphemeralBindPorts.Name
                    ? $@"(?s)CRITICAL Ephemeral connect ports\n.*?\n  effect +Ephemeral bind ports[^)]*\):\s+{words}"
                    : $@"(?s)(CRITICAL|WARNING) {Titles.From(pool)}\n  used +{amount} ",
                text
            );
            Assert.Equal(
                worst.GetProperty("remedy").GetProperty("command").GetString(),
                diagnosis.Findings.First(finding => finding.Pool.Name == pool).Remedy.Command
            );
        }

        var headline = json.GetProperty("headline").GetString()!;
        Assert.Equal(headline, json.GetProperty("problems")[0].GetProperty("headline").GetString());
        Assert.Contains($"<h1>{PageTables.Text(headline)}</h1>", page, StringComparison.Ordinal);
        Assert.Contains(
            $"content=\"{PageTables.Text(json.GetProperty("verdict").GetString()!)}\"",
            page,
            StringComparison.Ordinal
        );
        Assert.Equal("critical", json.GetProperty("condition").GetString());
        Assert.StartsWith("CRITICAL: ", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PoolCondition.Ok, 0)]
    [InlineData(PoolCondition.Warning, 1)]
    [InlineData(PoolCondition.Critical, 2)]
    [InlineData(PoolCondition.Unknown, 3)]
    [InlineData(PoolCondition.Absent, 3)]
    internal void Conditions_have_exit_codes(PoolCondition condition, int code) =>
        Assert.Equal(code, ExitCodes.ForCondition(condition));

    [Fact]
    public async Task Only_what_is_copied_is_wider_than_a_terminal()
    {
        using var machine = new FilledMachine();
        foreach (var pool in FilledMachine.Pools)
            machine.Fill(pool, 1);
        using var writer = new StringWriter();
        new DiagnosisPrinter(writer, inColour: false).PrintDiagnosis(await machine.DiagnoseAsync());

        Assert.DoesNotContain(writer.ToString().Split('\n'), static line =>
            line.Length > 80 && !line.StartsWith("  now", StringComparison.Ordinal)
        );
    }

    /// <summary>Two samples are not enough for a trend, in words and in JSON.</summary>
    [Fact]
    public async Task It_is_too_early_to_say_when()
    {
        using var machine = new FilledMachine();
        machine.Fill("conntrack_entries", 0.8);
        var diagnosis = await machine.DiagnoseAsync();
        using var writer = new StringWriter();
        new DiagnosisPrinter(writer, inColour: false).PrintDiagnosis(diagnosis);

        Assert.Contains(
            "\n  trend                     too early to tell\n",
            writer.ToString(),
            StringComparison.Ordinal
        );
        Assert.Equal("too_early_to_say", DiagnosisDocument.From(diagnosis).Pools[0].Forecast.Growth);
    }

    [Fact]
    public async Task An_absent_pool_is_not_unknown()
    {
        using var machine = new FilledMachine();
        var absent = new FunctionReader<ServiceConfiguration>("service_configuration", "", static _ => new Missing(
            Absence.NotPresent,
            "no such file"
        ));
        var forbidden = new FunctionReader<Gateway.RuntimeStatus>("runtime_status", "", static _ => new Missing(
            Absence.NotPermitted,
            "Permission denied"
        ));
        using var writer = new StringWriter();
        new DiagnosisPrinter(writer, inColour: false).PrintDiagnosis(
            await machine.DiagnoseAsync(null, absent, forbidden)
        );

        Assert.DoesNotContain("service_configuration", writer.ToString(), StringComparison.Ordinal);
        Assert.Contains("\nUNKNOWN runtime_status: Permission denied\n", writer.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_name_does_not_command_the_terminal(bool inColour)
    {
        using var machine = new FilledMachine();
        machine.AddProcess(99, "evil\e]0;owned\a\e[2J\u009b31m\u202e\r\n", 1000);
        using var writer = new StringWriter();
        var diagnosis = await machine.DiagnoseAsync();
        var printer = new DiagnosisPrinter(writer, inColour);
        printer.PrintDiagnosis(diagnosis);
        printer.PrintStatus(diagnosis);

        var text = System.Text.RegularExpressions.Regex.Replace(writer.ToString(), "\e\\[(1;3[1-5]|0)m", "");
        Assert.DoesNotContain(text, static c =>
            c != '\n' && char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format
        );
        Assert.Contains(@"evil\x1b]0;owned\x07\x1b[2J\u009b31m\u202e\x0d", text, StringComparison.Ordinal);
        Assert.Equal(inColour, writer.ToString().StartsWith("\e[1;31mCRITICAL\e[0m: ", StringComparison.Ordinal));
    }
}
