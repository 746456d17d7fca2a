using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Holders;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>Resources of the machine that are mostly held by something that is not visible.</summary>
public class UnaccountedHolderTests
{
    [Theory]
    [InlineData(1900, 3, false)]
    [InlineData(1900, 1000, true)]
    public async Task A_process_with_a_few_of_many_descriptors_is_not_named_as_the_cause(
        int used,
        int held,
        bool isNamed
    )
    {
        using var machine = new FilledMachine();
        machine.Write("sys/fs/file-nr", $"{used}\t0\t2000\n");
        machine.AddProcess(12, "shop", "shop\0", held, "100000");

        var finding = (await machine.DiagnoseAsync()).Findings[0];

        Assert.Equal(PoolCatalogue.SystemFileDescriptors, finding.Pool);
        Assert.Equal(
            isNamed ? "shop (pid 12) holds 1,000 of 2,000 file descriptors" : "",
            HolderWords.Sentence(finding)
        );
        Assert.Equal(isNamed ? [] : ["held by no visible process: 1,894"], HolderWords.Notes(finding));
    }

    /// <summary>Each network namespace may hold part of the orphans.</summary>
    [Theory]
    [InlineData(0, null)]
    [InlineData(2, "not looked at: 2 network namespaces that may not be entered")]
    public async Task Namespaces_that_may_not_be_entered_may_hold_the_rest(int leftOut, string? note)
    {
        var group = new OrphanGroup();
        var hidden = new NamespaceSnapshot(
            new() { Name = "shop" },
            Readings.None,
            new Missing(Absence.NotPermitted, "setns")
        );
        ImmutableArray<Reader> readers =
        [
            new FunctionReader<NamespaceHolders>("", "", _ => new NamespaceHolders([new(group, 5, [])])),
            new FunctionReader<NamespaceSnapshots>("", "", _ => new NamespaceSnapshots([], 0, IncludesOwn: true)
            {
                LeftOut = [.. Enumerable.Repeat(hidden, leftOut)],
            }),
        ];
        var snapshot = await new Sampler(readers, TimeProvider.System).SampleAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(note is null ? [] : [note], MachineHolders.OfSockets(snapshot.WholeMachine, group).Notes);
    }

    /// <summary>Every kernel has these counters, so their absence is no calm.</summary>
    [Fact]
    public async Task Without_the_counters_of_TCP_the_verdict_is_unknown()
    {
        const string file = "thread-self/net/netstat";
        using var machine = new FilledMachine();
        Assert.Equal(PoolCondition.Ok, (await machine.DiagnoseAsync()).Condition);
        machine.Write(file, null);

        var diagnosis = await machine.DiagnoseAsync();

        Assert.Equal(PoolCondition.Unknown, diagnosis.Condition);
        Assert.Contains(UnseenPart.Collect(diagnosis), static part =>
            part.Why.Contains(file, StringComparison.Ordinal)
        );
    }
}
