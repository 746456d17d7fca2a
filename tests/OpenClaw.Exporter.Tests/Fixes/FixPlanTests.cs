using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Fixes;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

/// <summary>The choice of a problem and its plan, on machines of fixtures.</summary>
public class FixPlanTests
{
    /// <summary>Every remedy that sets sysctls of the machine is applied and undone, with its permanent line.</summary>
    [Theory]
    [InlineData("system_file_descriptors", "sys/fs/file-max")]
    [InlineData("conntrack_entries", "sys/net/netfilter/nf_conntrack_max")]
    [InlineData("time_wait_sockets", "sys/net/ipv4/tcp_max_tw_buckets")]
    [InlineData("orphan_sockets", "sys/net/ipv4/tcp_max_orphans")]
    [InlineData("neighbour_entries", "sys/net/ipv4/neigh/default/gc_thresh3")]
    [InlineData("ephemeral_connect_ports", "sys/net/ipv4/ip_local_port_range")]
    [InlineData("ephemeral_bind_ports", "sys/net/ipv4/ip_local_port_range")]
    public async Task The_remedy_of_a_pool_is_applied_and_undone(string pool, string file)
    {
        using var machine = new FilledMachine();
        machine.Write("sys/fs/file-max", $"{Scenario.Limit}\n");
        machine.Write("sys/kernel/random/boot_id", "boot\n");
        machine.Fill(pool, 1);
        var diagnosis = await machine.DiagnoseAsync();
        var target = FixTarget.Find(diagnosis, pool, null).Value;
        var proc = new ProcMount(machine.Root);
        var path = Path.Join(machine.Root, file);
        var permanent = Path.Join(machine.Root, "etc/sysctl.d/90-openclaw.conf");
        var lines = await File.ReadAllTextAsync(permanent, TestContext.Current.CancellationToken);
        var before = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);

        var plan = FixPlan.Create(target.Title, target.Remedy, proc, machine.Root, new(proc, new()));
        var fixes = FixRun.Create(machine.Root, machine.Root);
        var applied = fixes.Apply(plan, isTrial: false, isPermanent: true, out _);

        Assert.Null(applied.Failure);
        var change = plan.Changes[^1];
        Assert.Equal(Words(before), change.Before);
        Assert.Equal(change.After, Words(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)));
        Assert.Contains(change.After.Replace(' ', '='), target.Remedy.Command!.Replace(' ', '='), default);
        Assert.Contains(
            $"# {change.Target} was {change.Before}\n{change.Line}\n",
            await File.ReadAllTextAsync(permanent, TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );

        Assert.Null(fixes.Undo(null).Failure);
        Assert.Equal(Words(before), Words(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)));
        Assert.Equal(lines, await File.ReadAllTextAsync(permanent, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_problem_is_found_by_number_name_and_subject()
    {
        using var machine = new FilledMachine();
        machine.Fill("time_wait_sockets", 1);
        machine.Fill("ephemeral_connect_ports", 0.97);
        var diagnosis = await machine.DiagnoseAsync();

        Assert.Equal("TIME_WAIT sockets", FixTarget.Find(diagnosis, null, null).Value.Title);
        Assert.Equal("TIME_WAIT sockets", FixTarget.Find(diagnosis, "1", null).Value.Title);
        Assert.StartsWith("Ephemeral connect ports (tcp", FixTarget.Find(diagnosis, "2", null).Value.Title, default);
        Assert.True(FixTarget.Find(diagnosis, "ephemeral_connect_ports", "192.0.2.1:443").TryGet(out _));
        Assert.Equal(
            "no problem 'ephemeral_connect_ports' with '192.0.2.9': diagnose shows time_wait_sockets, "
                + "ephemeral_connect_ports",
            FixTarget.Find(diagnosis, "ephemeral_connect_ports", "192.0.2.9").Missing!.Detail
        );
        Assert.Equal(Outcome.Unseen, FixTarget.Find(diagnosis, "3", null).Outcome);
        Assert.Equal("no problem 3: diagnose shows 2", FixTarget.Find(diagnosis, "3", null).Missing!.Detail);
        Assert.Equal(Outcome.None, FixTarget.Find(await new FilledMachine().DiagnoseAsync(), null, null).Outcome);
    }

    [Fact]
    public async Task A_plan_shows_each_value_before_and_after_within_a_terminal()
    {
        using var machine = new FilledMachine();
        machine.Fill("time_wait_sockets", 1);
        var target = FixTarget.Find(await machine.DiagnoseAsync(), null, null).Value;
        var proc = new ProcMount(machine.Root);
        using var text = new StringWriter();

        new FixPrinter(text).PrintPlan(
            target,
            FixPlan.Create(target.Title, target.Remedy, proc, machine.Root, new(proc, new())),
            isPermanent: true
        );

        var printed = text.ToString().Replace(machine.Root, "ROOT", StringComparison.Ordinal);
        Assert.Contains(
            """
            step 1            net.ipv4.tcp_max_tw_buckets
              from            1000
              to              2000
              undo by hand    sysctl -w net.ipv4.tcp_max_tw_buckets=1000

            """,
            printed,
            StringComparison.Ordinal
        );
        Assert.Contains(
            """
              from            no such line
              to              net.ipv4.tcp_max_tw_buckets = 2000

            """,
            printed,
            StringComparison.Ordinal
        );
        Assert.All(printed.Split('\n'), static line => Assert.InRange(line.Length, 0, 80));
    }

    [Fact]
    public void The_undo_by_hand_of_another_namespace_runs_inside_it()
    {
        var remedy = Remedy
            .Sysctl("Advice.", "a.b", "2", old: "1")
            .In(new() { Name = "web", Mount = "/run/netns/web" });
        using var text = new StringWriter();

        new FixPrinter(text).PrintPlan(
            new("Title", PoolCondition.Critical, "full", remedy) { About = FixProblem.None },
            new()
            {
                Problem = "Title",
                Remedy = remedy,
                Changes = remedy.Changes,
            },
            isPermanent: false
        );

        Assert.Contains("  undo by hand    ip netns exec web sysctl -w a.b=1\n", $"{text}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_permanent_file_has_one_slash_below_the_root()
    {
        using var machine = new FilledMachine();
        machine.Fill("time_wait_sockets", 1);
        var target = FixTarget.Find(await machine.DiagnoseAsync(), null, null).Value;
        var proc = new ProcMount(machine.Root);

        var plan = FixPlan.Create(target.Title, target.Remedy, proc, machine.Root + "/", new(proc, new()));

        Assert.Equal($"{machine.Root}/etc/sysctl.d/90-openclaw.conf", Assert.Single(plan.Permanent).Target);
    }

    static string Words(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
