using System.Text.RegularExpressions;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel;

namespace OpenClaw.Exporter.Tests;

/// <summary>Every sysctl of a remedy is watched for being lost.</summary>
public partial class RemedyKeyTests
{
    [Fact]
    public async Task Each_sysctl_of_a_remedy_is_among_those_whose_persistence_is_shown()
    {
        using var machine = new FilledMachine();
        foreach (var pool in FilledMachine.Pools)
            machine.Fill(pool, 1);
        var diagnosis = await machine.DiagnoseAsync();

        var computed = diagnosis.Findings.Select(static finding => finding.Remedy.Key).OfType<string>().ToHashSet();
        var inTexts = PoolCatalogue
            .All.SelectMany(static pool => Key().Matches(pool.Remedy).Select(static match => match.Value))
            .ToHashSet();

        Assert.All(diagnosis.Findings.Where(static finding => finding.Remedy.Key is not null), static finding =>
            Assert.Contains(finding.Remedy.Key, finding.Pool.Sysctls)
        );
        Assert.Equal(
            KernelReaders.Sysctls.Order(),
            PoolCatalogue.All.SelectMany(static pool => pool.Sysctls).Distinct().Order()
        );
        Assert.Contains("net.ipv4.tcp_mem", computed);
        Assert.Contains("net.core.somaxconn", inTexts);
        Assert.Empty(computed.Union(inTexts).Except(KernelReaders.Sysctls).Except(["net.ipv4.tcp_orphan_retries"]));
    }

    [GeneratedRegex(@"\b(net|fs)\.[a-z0-9_.-]*[a-z0-9_]", RegexOptions.CultureInvariant)]
    private static partial Regex Key();
}
