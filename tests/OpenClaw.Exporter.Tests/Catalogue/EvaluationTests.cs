using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Status;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>Pools and symptoms are read once, in one place.</summary>
public class EvaluationTests
{
    /// <summary>
    /// The snapshot has a namespace that is shown and one that is only summed up. The diagnosis is rendered in every
    /// form.
    /// </summary>
    [Fact]
    public void Each_pool_and_symptom_is_read_once_in_each_namespace()
    {
        var reads = new Dictionary<(string Name, string Netns), int>();
        T Count<T>(string name, NamespaceView view, Func<NamespaceView, T> read)
        {
            reads[(name, view.Name)] = reads.GetValueOrDefault((name, view.Name)) + 1;
            return read(view);
        }

        ImmutableArray<Pool> pools =
        [
            .. PoolCatalogue.All.Select(pool => pool with { Read = view => Count(pool.Name, view, pool.Read) }),
        ];
        ImmutableArray<Symptom> symptoms =
        [
            .. SymptomCatalogue.All.Select(symptom =>
                symptom with
                {
                    Read = view => Count(symptom.Name, view, symptom.Read),
                }
            ),
        ];
        var snapshot = SnapshotOf(
            new NamespaceSnapshots([Empty("first"), Empty("second")], Unused: 0, IncludesOwn: true)
        );

        var diagnosis = Diagnosis.Judge(Evaluation.Evaluate(snapshot, pools, symptoms), namespacesShown: 1);
        _ = Exposition.Publish(diagnosis, MetricCatalogue.ListFamilies(pools, symptoms));
        _ = new StatusPage(diagnosis).Render();
        _ = DiagnosisDocument.From(diagnosis);
        new DiagnosisPrinter(TextWriter.Null, inColour: false).PrintDiagnosis(diagnosis);

        Assert.All(reads, static read => Assert.Equal(1, read.Value));
        Assert.Equal(["first", "second", "self"], NamesOf(PoolCatalogue.TimeWaitSockets.Name));
        Assert.Equal(["self"], NamesOf(PoolCatalogue.ProcessFileDescriptors.Name));
        Assert.Equal([""], NamesOf(PoolCatalogue.OrphanSockets.Name));
        Assert.Equal(["first", "second", "self"], NamesOf(SymptomCatalogue.ProbeSuccess.Name));
        Assert.Equal([""], NamesOf(SymptomCatalogue.ClwErrorsTotal.Name));
        Assert.Equal(pools.Length + symptoms.Length, reads.Keys.DistinctBy(static read => read.Name).Count());

        IEnumerable<string> NamesOf(string name) =>
            reads.Keys.Where(read => read.Name == name).Select(static read => read.Netns).Order();
    }

    [Fact]
    public void A_mistake_in_what_says_that_something_is_missing_is_one_of_the_pool()
    {
        var pool = PoolCatalogue.TimeWaitSockets with
        {
            Read = static _ => ImmutableArray.Create(new PoolLevel(1, 2, WholeSubject.Only)),
            Shortfall = static _ => throw new InvalidOperationException("no such thing"),
        };

        var diagnosis = Diagnosis.Judge(Evaluation.Evaluate(SnapshotOf(0), [pool], []));

        Assert.Equal(PoolCondition.Unknown, Assert.Single(diagnosis.Pools).Condition);
        var (name, why) = Assert.Single(diagnosis.Failures);
        Assert.Equal((pool.Name, Absence.Failed), (name, why.Reason));
    }

    static NamespaceSnapshot Empty(string name) => new(new() { Name = name }, new(SnapshotOf(0).Runs), null);

    static Snapshot SnapshotOf<T>(T value)
    {
        var reader = new FunctionReader<T>("made_up", "", _ => value);
        return new(DateTimeOffset.UnixEpoch, [reader.RunHere()]);
    }
}
