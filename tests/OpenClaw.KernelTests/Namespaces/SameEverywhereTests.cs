using System.Text.Json;
using OpenClaw.Exporter.Catalogue;
using Xunit.Sdk;
using static OpenClaw.KernelTests.PublishedDiagnosis;

namespace OpenClaw.KernelTests;

/// <summary>
/// A namespace reads the same from inside, by its name, with all others, and without flags. --netns selects namespaces
/// and never changes the meaning of a reading.
/// </summary>
[Collection(WholeMachine.Name)]
public class SameEverywhereTests
{
    /// <summary>The time of observation. A refused SYN is repeated after one second.</summary>
    const string Observe = "--observe=2s";

    /// <summary>
    /// No exporter is asked for its history: no namespace of the test has a route there. Some drop new connections, so
    /// that the question itself would be repeated and count.
    /// </summary>
    const string NoHistory = "--web.listen-address=192.0.2.1:10087";

    /// <summary>
    /// Every pool and symptom of a namespace, provoked in it. Each look at a namespace starts the program once; the
    /// looks with all namespaces start it once for all of them.
    /// </summary>
    [Fact]
    public async Task Every_pool_and_symptom_of_a_namespace()
    {
        using var home = new PrivateNamespace();
        var namespaces = new List<TroubledNamespace>();
        try
        {
            foreach (var trouble in Troubles.All)
                namespaces.Add(new(trouble));
            foreach (var troubled in namespaces)
                troubled.Start();

            var all = (await LookAsync(home, "all"), await LookAsync(home, "auto"));
            var differences = new List<string>();
            foreach (var troubled in namespaces)
            {
                try
                {
                    await AssertSameAsync(home, troubled, all);
                }
                catch (XunitException difference)
                {
                    differences.Add(difference.Message);
                }
            }

            Assert.True(differences.Count == 0, string.Join("\n\n", differences));
            AssertExit(all.Item1);
            AssertExit(all.Item2);
            foreach (var troubled in namespaces)
                await troubled.EndAsync();
        }
        finally
        {
            namespaces.ForEach(static troubled => troubled.Dispose());
        }

        // The worst namespace decides.
        static void AssertExit(JsonElement diagnosis) => Assert.Equal("critical", Text(diagnosis, "condition"));

        static async Task AssertSameAsync(
            PrivateNamespace from,
            TroubledNamespace troubled,
            (JsonElement All, JsonElement Auto) looks
        )
        {
            var trouble = troubled.Trouble;
            var here = await Task.WhenAll(LookInsideAsync(troubled), LookAsync(from, troubled.Name));
            var (inside, byName) = (here[0], here[1]);
            var seen = SeenNamespace.Read(inside, null);

            AssertCondition(inside);
            foreach (var pool in trouble.Pools)
            {
                Assert.Contains(seen.Levels, level =>
                    level.StartsWith(pool.Pool + " ", StringComparison.Ordinal)
                    && level.Contains($" {pool.Used ?? TrackedPeers.Maximum()} of ", StringComparison.Ordinal)
                );
                Assert.Equal((trouble, pool.Phase), (trouble, seen.Phases[pool.Pool]));
            }

            foreach (var symptom in trouble.Symptoms)
                Assert.True(seen.Shows(symptom), $"{trouble}: no {symptom} in\n{seen.Lines}");

            // The exit code follows from the condition, which every look asserts.
            AssertCondition(byName);
            AssertEqual("by name", SeenNamespace.Read(byName, troubled.Name));
            AssertEqual("all", SeenNamespace.Read(looks.All, troubled.Name));
            AssertEqual("auto", SeenNamespace.Read(looks.Auto, troubled.Name));

            void AssertCondition(JsonElement diagnosis) =>
                Assert.True(
                    Text(diagnosis, "condition") == trouble.Condition,
                    $"{trouble}: not {trouble.Condition}: {Text(diagnosis, "verdict")}"
                );

            // Several namespaces with the same full pool are one problem, whose phase is that of the worst one.
            void AssertEqual(string look, SeenNamespace other)
            {
                var phases = other.Phases.ToDictionary();
                foreach (var (pool, phase) in seen.Phases)
                {
                    if (look is not "by name" && phase == "close" && phases.GetValueOrDefault(pool) == "failing")
                        other = other with { Phases = other.Phases.SetItem(pool, phase) };
                }

                var (one, two) = trouble.IsSteady ? (seen, other) : (seen.WithoutUse(), other.WithoutUse());
                (one, two) = (one.WithoutChance(trouble.Symptoms), two.WithoutChance(trouble.Symptoms));
                Assert.True(one.Lines == two.Lines, $"{trouble}, inside:\n{one.Lines}\n{look}:\n{two.Lines}");
            }
        }

        static Task<JsonElement> LookAsync(PrivateNamespace from, string selection) =>
            DiagnoseAsync(from, Flags(selection));

        static Task<JsonElement> LookInsideAsync(TroubledNamespace troubled) =>
            DiagnoseByAsync(troubled.Netns, troubled.Beside[0], troubled.Beside.Skip(1), Flags("self"));

        static string[] Flags(string selection) =>
            [
                Observe,
                NoHistory,
                "--collector.processes",
                "--netns.worst=10000",
                $"--openclaw.config={TroublesOfServices.Configuration}",
                $"--netns={selection}",
            ];
    }

    /// <summary>A state that was asked for and cannot be read is unknown from everywhere: exit code 3.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Something_unseen(bool isInside)
    {
        using var home = new PrivateNamespace();
        using var troubled = new TroubledNamespace(Troubles.All[0]);

        var diagnosis = await DiagnoseAsync(
            isInside ? troubled.Netns : home,
            "--observe=0s",
            "--collector.processes",
            "--openclaw.status-command=/bin/false",
            isInside ? "--netns=self" : "--netns=" + troubled.Name
        );

        Assert.Equal("unknown", Text(diagnosis, "condition"));
    }

    [Fact]
    public void Every_pool_and_symptom_of_the_catalogues_is_provoked_or_has_a_reason()
    {
        var provoked = Troubles
            .All.SelectMany(static trouble => trouble.Pools.Select(static pool => pool.Pool).Concat(trouble.Symptoms))
            .ToHashSet();
        var known = PoolCatalogue
            .All.Where(static pool => pool.Scope != PoolScope.Host)
            .Select(static pool => pool.Name)
            .Concat(
                SymptomCatalogue
                    .All.Where(static symptom => symptom.Scope != PoolScope.Host)
                    .Select(static symptom => symptom.Name)
            )
            .ToHashSet();

        Assert.Equal(known.Order(), provoked.Union(Troubles.NotHere.Keys).Order());
        Assert.Empty(provoked.Intersect(Troubles.NotHere.Keys));
        Assert.DoesNotContain(Troubles.NotHere.Values, static reason => reason.Length == 0);
    }

    [Fact]
    public async Task Sockets_by_state()
    {
        const int pairs = 17;
        using var home = new PrivateNamespace();
        using var troubled = new TroubledNamespace(Troubles.All[0]);
        using var connections = new ConnectionPairs(troubled.Netns, 9000);
        for (var i = 0; i < pairs; i++)
            connections.Connect();

        var inside = (await DiagnoseAsync(troubled.Netns, "--netns=self")).GetProperty("tcp_sockets");
        var byName = (await DiagnoseAsync(home, "--collector.processes", $"--netns={troubled.Name}")).GetProperty(
            "tcp_sockets"
        );

        Assert.Equal(2 * pairs, inside.GetProperty("established").GetInt64());
        Assert.Equal(inside.GetRawText(), byName.GetRawText());
    }
}
