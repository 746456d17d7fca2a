using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel.Interop;

namespace OpenClaw.Exporter.Tests;

/// <summary>
/// The same counters of connection tracking have different causes. The fill of the table in the same snapshot tells
/// them apart.
/// </summary>
public class ConntrackVerdictTests
{
    const string Maximum = "nf_conntrack_max";

    [Theory]
    [InlineData("drop")]
    [InlineData("early_drop")]
    [InlineData("insert_failed")]
    public async Task In_a_full_table_failures_are_its_effects_and_a_larger_table_is_the_remedy(string counter)
    {
        var diagnosis = await DiagnoseAsync(fill: 1, counter);

        Assert.Empty(diagnosis.Unexplained);
        var problem = Assert.Single(diagnosis.Problems);
        Assert.Equal(
            ("conntrack_entries", "sysctl -w net.netfilter.nf_conntrack_max=2000"),
            (problem.Name, problem.Remedy.Command)
        );
        Assert.Single(problem.Effects);
        Assert.Contains(Maximum, Assert.Single(diagnosis.Symptoms).Alert!.Advice, StringComparison.Ordinal);
    }

    /// <summary>Each connection without a source port counts as a drop and as a failed insert.</summary>
    [Theory]
    [InlineData(1000, "Critical")]
    [InlineData(800, "Warning")]
    public async Task Without_source_ports_failures_are_effects_of_that_pool(int ports, string condition)
    {
        var diagnosis = await DiagnoseAsync(0.03, machine => machine.TranslatedPorts = ports, "drop", "insert_failed");

        Assert.Empty(diagnosis.Unexplained);
        var problem = Assert.Single(diagnosis.Problems);
        Assert.Equal(
            ("snat_ports", "tcp from 127.0.0.9 to 127.0.0.1:8080", condition),
            (problem.Name, problem.Place, $"{problem.Condition}")
        );
        Assert.Equal(
            ("connections from 127.0.0.1 (this machine itself)", ports),
            (problem.Holder, (int)Assert.Single(problem.Holders).Count)
        );
        Assert.Equal(2, problem.Effects.Length);
        Assert.Null(problem.Remedy.Command);
        Assert.Contains("nft list ruleset", problem.Remedy.Advice, StringComparison.Ordinal);
        Assert.Contains("wider range of ports", problem.Remedy.Advice, StringComparison.Ordinal);
        Assert.All(diagnosis.Symptoms, static symptom =>
            Assert.Contains("the remedy of snat_ports", symptom.Alert!.Advice, StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData(0)]
    [InlineData(740)]
    public async Task With_free_source_ports_failed_inserts_are_clashes(int ports)
    {
        var problems = (
            await DiagnoseAsync(0.03, machine => machine.TranslatedPorts = ports, "drop", "insert_failed")
        ).Problems;

        Assert.Equal(2, problems.Length);
        Assert.All(problems, static problem =>
        {
            Assert.Contains("packets of one connection clash", problem.Remedy.Advice, StringComparison.Ordinal);
            Assert.Contains("single-request", problem.Remedy.Advice, StringComparison.Ordinal);
            Assert.DoesNotContain("wider range of ports", problem.Remedy.Advice, StringComparison.Ordinal);
        });
        Assert.All(problems, AssertIsNotTheSize);
    }

    [Theory]
    [InlineData(0.03)]
    [InlineData(0.74)]
    public async Task Failed_inserts_beside_room_are_a_clash_or_a_lack_of_source_ports(double fill)
    {
        var problem = Assert.Single((await DiagnoseAsync(fill, Unpermitted, "insert_failed")).Problems);

        Assert.StartsWith("Conntrack insert failures rose by 40 within ", problem.Evidence, StringComparison.Ordinal);
        Assert.Equal(PoolCondition.Warning, problem.Condition);
        AssertNamesBothCauses(problem);
        AssertIsNotTheSize(problem);
    }

    /// <summary>Each connection without a source port counts as a drop and as a failed insert.</summary>
    [Fact]
    public async Task Drops_with_failed_inserts_have_the_same_causes()
    {
        var problems = (await DiagnoseAsync(0.03, Unpermitted, "drop", "insert_failed")).Problems;

        Assert.Equal(
            ["conntrack_drops_total", "conntrack_insert_failures_total"],
            problems.Select(static problem => problem.Name)
        );
        Assert.All(problems, AssertNamesBothCauses);
        Assert.All(problems, AssertIsNotTheSize);
    }

    [Theory]
    [InlineData("drop", "Conntrack drops rose by 40 within ")]
    [InlineData("early_drop", "Conntrack early drops rose by 40 within ")]
    public async Task Drops_beside_room_alone_are_a_burst(string counter, string evidence)
    {
        var problem = Assert.Single((await DiagnoseAsync(0.03, counter)).Problems);

        Assert.StartsWith(evidence, problem.Evidence, StringComparison.Ordinal);
        Assert.Equal(PoolCondition.Critical, problem.Condition);
        Assert.Contains("a burst filled the table for a moment", problem.Remedy.Advice, StringComparison.Ordinal);
        Assert.Contains("pool_utilization_peak_ratio", problem.Remedy.Advice, StringComparison.Ordinal);
        AssertIsNotTheSize(problem);
    }

    /// <summary>A table without a limit is never full. Without its fill, the general advice holds.</summary>
    [Theory]
    [InlineData("sys/net/netfilter/nf_conntrack_max", "0\n", "so its size is not the cause")]
    [InlineData("sys/net/netfilter/nf_conntrack_count", null, "First, the table is full. Second, address translation")]
    public async Task Without_a_limit_or_a_fill_the_size_is_no_sure_cause(string file, string? text, string words)
    {
        var problem = (await DiagnoseAsync(0.03, ["insert_failed"], (file, text))).Problems.Single(static problem =>
            problem.Name == "conntrack_insert_failures_total"
        );

        Assert.Contains(words, problem.Remedy.Advice, StringComparison.Ordinal);
        Assert.DoesNotContain(Maximum, problem.Remedy.Advice, StringComparison.Ordinal);
    }

    static void AssertNamesBothCauses(Problem problem)
    {
        foreach (
            var words in (string[])
                [
                    "DNS queries over UDP",
                    "clash_resolve",
                    "conntrack -S",
                    "masquerade",
                    "no free source port towards one remote",
                    "with CAP_NET_ADMIN the exporter distinguishes the two",
                    "conntrack -L --src-nat",
                    "nft list ruleset",
                    "more source addresses or to a wider range of ports",
                ]
        )
        {
            Assert.Contains(words, problem.Remedy.Advice, StringComparison.Ordinal);
        }
    }

    static void AssertIsNotTheSize(Problem problem)
    {
        Assert.Null(problem.Remedy.Command);
        Assert.Contains("is not full, so its size is not the cause", problem.Remedy.Advice, StringComparison.Ordinal);
        Assert.DoesNotContain(Maximum, problem.Remedy.Advice, StringComparison.Ordinal);
    }

    /// <summary>Source ports cannot be counted.</summary>
    static void Unpermitted(FilledMachine machine) => machine.NetfilterError = Errno.EPERM;

    /// <summary>The table counts as full from the warning that an operator set, as everywhere else.</summary>
    [Theory]
    [InlineData(0.5, null, "packets of one connection clash")]
    [InlineData(0.5, "{conntrack_entries: {warning: 40%}}", Maximum)]
    [InlineData(0.9, "{conntrack_entries: {warning: 95%, critical: 99%}}", "packets of one connection clash")]
    public async Task A_table_is_full_from_the_threshold_that_was_set(double fill, string? pools, string advice)
    {
        var diagnosis = await DiagnoseAsync(fill, static machine => machine.TranslatedPorts = 0, "insert_failed");
        var thresholds = PoolThresholds.Parse(pools is null ? null : Configuration.Settings.Parse("p.yml", pools));

        var judged = Diagnosis.Judge(diagnosis.Snapshot, earlier: diagnosis.Timeline, thresholds: thresholds);

        Assert.Contains(advice, Assert.Single(judged.Symptoms).Alert!.Advice, StringComparison.Ordinal);
    }

    static Task<Diagnosis> DiagnoseAsync(double fill, params string[] counters) =>
        DiagnoseAsync(fill, static _ => { }, counters);

    static Task<Diagnosis> DiagnoseAsync(double fill, Action<FilledMachine> set, params string[] counters) =>
        DiagnoseAsync(fill, counters, ("sys/net/netfilter/nf_conntrack_max", $"{Scenario.Limit}\n"), set);

    /// <summary>Lets these counters rise by 40 between two snapshots of a table with this fill.</summary>
    static async Task<Diagnosis> DiagnoseAsync(
        double fill,
        string[] counters,
        (string Name, string? Text) file,
        Action<FilledMachine>? set = null
    )
    {
        using var machine = new FilledMachine();
        set?.Invoke(machine);
        machine.Fill("conntrack_entries", fill);
        machine.Write(file.Name, file.Text);
        machine.Write("thread-self/net/stat/nf_conntrack", Counters(_ => 3));
        var before = await machine.DiagnoseAsync();
        machine.Write("thread-self/net/stat/nf_conntrack", Counters(counter => counters.Contains(counter) ? 43 : 3));
        return await machine.DiagnoseAsync(before);
    }

    static string Counters(Func<string, int> value) =>
        "entries  clashres insert_failed drop early_drop chainlength\n"
        + $"00000001 00000001 {value("insert_failed"):x8} {value("drop"):x8} {value("early_drop"):x8} 00000005\n";
}
