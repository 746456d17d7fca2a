using OpenClaw.Exporter.Fixes;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Remedies;

namespace OpenClaw.Exporter.Tests;

/// <summary>The commands of this program that a problem names.</summary>
public class ShortWayTests
{
    /// <summary>Each command leads to the remedy of its problem, not to a fuller level of the same pool.</summary>
    [Fact]
    public async Task The_command_of_a_problem_finds_its_own_remedy()
    {
        using var machine = new FilledMachine();
        foreach (var pool in FilledMachine.Pools)
            machine.Fill(pool, 1);
        machine.AddProcess(301, "openclaw-one");
        machine.AddProcess(302, "openclaw-two");
        var diagnosis = await machine.DiagnoseAsync();

        var problems = diagnosis.Problems.Where(static problem => problem.Phase != Phase.Over).ToList();
        Assert.InRange(problems.Count(static problem => problem.Fix is not null), 8, problems.Count);
        foreach (var problem in problems)
        {
            if (problem.Remedy.Changes.IsEmpty)
            {
                Assert.Null(problem.Fix);
                continue;
            }

            var words = problem.Fix!.Split(' ', 4);
            Assert.Equal(["openclaw-exporter", "fix"], words[..2]);
            var subject = words.Length > 3 ? words[3].Trim('\'') : null;
            var found = FixTarget.Find(diagnosis, words[2], subject).Value;
            Assert.Equal(problem.Remedy, found.Remedy);
        }
    }

    [Theory]
    [InlineData("ephemeral_connect_ports", "openclaw-exporter verify")]
    [InlineData("conntrack_entries", "openclaw-exporter verify")]
    [InlineData("neighbour_entries", null)]
    [InlineData("bridge_ports", null)]
    public async Task A_load_test_follows_the_room_where_connections_take_the_resource(string pool, string? check)
    {
        using var machine = new FilledMachine();
        machine.Fill(pool, 1);
        var problem = (await machine.DiagnoseAsync()).Problems.First(problem => problem.Name == pool);

        Assert.Equal(check, problem.Check);
        Assert.Equal(check is not null, problem.Steps is [.., { Command: { } command }, _] && command == check);
        Assert.Null(problem.Steps[^1].Command);
    }

    [Fact]
    public void A_bridge_whose_name_cannot_be_printed_has_no_fix()
    {
        Assert.True(ShortWays.CanFix(new("Remove ports.", new BridgePortRemoval(["a"]) { Bridge = "br0" })));
        Assert.False(ShortWays.CanFix(new("Remove ports.", new BridgePortRemoval(["a"]))));
        Assert.False(ShortWays.CanFix(new("Remove ports.")));
    }
}
