using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

public class FindingTests
{
    /// <summary>
    /// The largest limit that the kernel accepts (sysctl_nr_open_max), with a leak of 1.5 descriptors per hour.
    /// </summary>
    [Fact]
    public async Task A_slow_leak_below_a_huge_limit_is_told_without_a_date()
    {
        var process = new ProcessDescriptors(7, "openclaw", true, 100L, new ProcessLimits(2147483584, 2147483584));
        var diagnosis = await DiagnoseAsync(
            Fake("processes", new ProcessTable([process])),
            Fake(
                "descriptor_growth",
                new DescriptorGrowth(new[] { KeyValuePair.Create(7, 1.5) }.ToImmutableDictionary())
            )
        );

        var remedy = Assert
            .Single(diagnosis.Findings, static finding => finding.Pool.Name == "process_file_descriptors")
            .Remedy;

        Assert.Contains("It opens 2 more an hour. It leaks", remedy.Advice, StringComparison.Ordinal);
        Assert.DoesNotContain("reaches its limit", remedy.Advice, StringComparison.Ordinal);
    }

    /// <summary>Metrics show no remedy, so its exceptions and its computing time must not affect them.</summary>
    [Fact]
    public async Task A_remedy_is_computed_for_who_asks_for_it()
    {
        var diagnosis = await DiagnoseAsync(Fake("file_nr", new FileNr(50, 100)));
        var level = diagnosis.Findings[0].Level;
        var asked = 0;
        var pool = diagnosis.Findings[0].Pool with
        {
            RemedyFor = (_, _) =>
            {
                asked++;
                return new("one");
            },
        };
        var finding = new Finding(pool, level, PoolCondition.Ok, diagnosis.Namespaces[0]);

        Assert.Equal(0, asked);
        Assert.Equal("one", finding.Remedy.Advice);
        Assert.Same(finding.Remedy, finding.Remedy);
        Assert.Equal(1, asked);
        Assert.NotNull(Exposition.Publish(diagnosis));
    }

    static async Task<Diagnosis> DiagnoseAsync(params ImmutableArray<Reader> readers) =>
        Diagnosis.Judge(await new Sampler(readers, TimeProvider.System).SampleAsync(TimeSpan.FromSeconds(10)));

    static FunctionReader<T> Fake<T>(string name, T value) => new(name, "", _ => value);
}
