using System.Text;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Counters;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>The choice of network namespaces to show when not all can be.</summary>
public class NamespaceRankingTests
{
    [Fact]
    public void One_in_which_failures_are_counted_is_shown_before_one_that_is_well()
    {
        var before = Diagnosis.Judge(Machine(("calm", 9), ("failing", 2)), namespacesShown: 1);
        var after = Machine(("calm", 9), ("failing", 3));

        Assert.Equal(["self", "calm"], before.Namespaces.Select(static view => view.Name));
        Assert.Equal(
            ["self", "failing"],
            Diagnosis.Judge(after, namespacesShown: 1, before.Timeline).Namespaces.Select(static view => view.Name)
        );
        Assert.Equal(
            ["self", "calm"],
            Diagnosis.Judge(after, namespacesShown: 1).Namespaces.Select(static view => view.Name)
        );
    }

    [Theory]
    [InlineData(1, ":")]
    [InlineData(2, ", and in 1 more network namespace:")]
    [InlineData(3, ", and in 2 more network namespaces:")]
    public void A_headline_counts_the_other_namespaces(int failing, string words)
    {
        var names = Enumerable.Range(1, failing).Select(static i => $"n{i}").ToArray();
        var before = Diagnosis.Judge(Machine([.. names.Select(static name => (name, 2))]));

        var after = Diagnosis.Judge(Machine([.. names.Select(static name => (name, 3))]), 5, before.Timeline);

        Assert.Contains($"seconds{words} OpenClaw", Verdicts.Headline(after.Problems[0]), StringComparison.Ordinal);
    }

    /// <summary>A machine with these namespaces and their counts of listen overflows.</summary>
    static Snapshot Machine(params (string Name, int Overflows)[] namespaces) =>
        SnapshotOf(
            new NamespaceSnapshots(
                [
                    .. namespaces.Select(static netns => new NamespaceSnapshot(
                        new() { Name = netns.Name },
                        new([
                            ReadingOf(
                                TcpExtCounters
                                    .Parse(
                                        Encoding.ASCII.GetBytes($"TcpExt: ListenOverflows\nTcpExt: {netns.Overflows}\n")
                                    )
                                    .Value
                            ),
                        ]),
                        null
                    )),
                ],
                Unused: 0,
                IncludesOwn: true
            )
        );

    static Snapshot SnapshotOf<T>(T value) => new(DateTimeOffset.UnixEpoch, [ReadingOf(value)]);

    static ReaderRun ReadingOf<T>(T value) => new FunctionReader<T>("made_up", "", _ => value).RunHere();
}
