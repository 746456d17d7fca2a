using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Metrics;

namespace OpenClaw.Exporter.Tests;

/// <summary>Checks the series that alerts read against the utilization on the same page.</summary>
public partial class ExceededPoolTests
{
    public static TheoryData<string> Pools => [.. FilledMachine.Pools];

    [Theory]
    [MemberData(nameof(Pools))]
    public async Task A_pool_has_the_severity_of_the_highest_threshold_that_it_reached(string name)
    {
        var pool = PoolCatalogue.All.Single(one => one.Name == name);
        var seen = new List<string>();
        foreach (
            var ratio in (double[])
                [0.1, pool.WarningRatio - 0.01, pool.WarningRatio, pool.CriticalRatio - 0.01, pool.CriticalRatio, 1]
        )
        {
            var page = await PageAsync(name, ratio);
            var (subject, utilization) = Series(page, "utilization", name).MaxBy(static series => series.Value);

            var severity = utilization switch
            {
                _ when utilization >= pool.CriticalRatio => "critical",
                _ when utilization >= pool.WarningRatio => "warning",
                _ => "",
            };
            seen.Add(severity);
            Assert.Equal(
                severity.Length == 0 ? [] : [($"{subject},code=\"{pool.Code}\",severity=\"{severity}\"", utilization)],
                Series(page, "exceeded", name)
                    .Where(series => series.Labels.StartsWith(subject, StringComparison.Ordinal))
            );
        }

        Assert.Equal(["", "", "warning", "warning", "critical", "critical"], seen);
    }

    [Theory]
    [MemberData(nameof(Pools))]
    public async Task A_pool_is_filled_from_half_the_way_to_its_end_on(string name)
    {
        var pool = PoolCatalogue.All.Single(one => one.Name == name);
        var end = name == "orphan_sockets" ? 0.5 : 1;
        var half = end / 2;
        foreach (var ratio in new[] { half - 0.02, half + 0.02, 1 })
        {
            var page = await PageAsync(name, ratio);
            var code = pool.Code;

            Assert.Equal(
                Series(page, "utilization", name)
                    .Where(series => series.Value >= half)
                    .Select(series => ($"{series.Labels},code=\"{code}\"", Math.Min(series.Value / end, 1))),
                Series(page, "filled", name)
            );
            Assert.Equal(ratio >= half, Series(page, "filled", name).Count > 0);
        }
    }

    static async Task<string> PageAsync(string pool, double ratio)
    {
        using var machine = new FilledMachine();

        // The margin makes up for ratios that are slightly smaller in binary.
        machine.Fill(pool, ratio + 1e-9);
        using var buffer = new MemoryStream();
        await Exposition
            .Publish(await machine.DiagnoseAsync())
            .Registry.CollectAndExportAsTextAsync(buffer, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    static List<(string Labels, double Value)> Series(string page, string family, string pool) =>
        [
            .. SeriesOfAPool()
                .Matches(page)
                .Where(match =>
                    match.Groups["family"].Value == family
                    && match.Groups["labels"].Value.StartsWith($"pool=\"{pool}\"", StringComparison.Ordinal)
                )
                .Select(static match =>
                    (
                        match.Groups["labels"].Value,
                        double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture)
                    )
                ),
        ];

    [GeneratedRegex(@"(?m)^openclaw_network_pool_(?<family>\w+)_ratio\{(?<labels>[^}]*)\} (?<value>\S+)$")]
    private static partial Regex SeriesOfAPool();
}
