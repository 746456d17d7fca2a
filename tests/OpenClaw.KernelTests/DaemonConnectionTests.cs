using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Pools;
using OpenClaw.Exporter.Runtime;
using OpenClaw.Kernel;

namespace OpenClaw.KernelTests;

public class DaemonConnectionTests
{
    static readonly Pool Connections = PoolCatalogue.All.Single(static pool => pool.Name == "daemon_connections");

    /// <summary>Each connection is of the process with itself, so that it counts twice: from either end.</summary>
    [Fact]
    [Provokes("daemon_connections")]
    public void Connections_count_for_the_service_whose_processes_have_them()
    {
        using var netns = new PrivateNamespace();
        using var folder = new TemporaryFolder();
        using var gateway = new PrivateCgroup("gateway");
        using var agent = new PrivateCgroup("agent");
        using var stranger = new PrivateCgroup("stranger");
        gateway.Listen(netns, 9201, connections: 4, "openclaw-gateway");
        gateway.Listen(netns, 9202, connections: 1, "openclaw-gateway");
        agent.Listen(netns, 9203, connections: 2, "openclaw-agent");
        stranger.Listen(netns, 9204, connections: 3, "somebody");
        folder.Write("gateway.yml", "network:\n  max_connections: 10\n");
        folder.Write("agent.yml", "network:\n  max_connections: 16\n");
        folder.Write("absent.yml", "network:\n  max_connections: 16\n");

        var levels = Connections.Read(Snapshot(netns, folder)).Value;

        Assert.Equal([("agent", 4, 16), ("gateway", 10, 10)], levels.Select(static level => (level.Subject, level.Used, level.Limit!.Value)));

        // The full one is named first, and has room when its file gives more.
        var worst = Diagnosis.Of(Snapshot(netns, folder)).Findings[0];
        Assert.Equal(("daemon_connections", "gateway", PoolCondition.Critical), (worst.Pool.Name, worst.Level.Subject, worst.Condition));
        Assert.Contains("network.max_connections", worst.Remedy.Advice, StringComparison.Ordinal);
        folder.Write("gateway.yml", "network:\n  max_connections: 20\n");
        Assert.Equal(PoolCondition.Ok, Diagnosis.Of(Snapshot(netns, folder)).Of(Connections).Condition);
    }

    [Fact]
    public void What_cannot_be_told_apart_is_not_shown()
    {
        using var netns = new PrivateNamespace();
        using var other = new PrivateNamespace();
        using var folder = new TemporaryFolder();
        using var both = new PrivateCgroup("both");
        using var away = new PrivateCgroup("away");
        both.Listen(netns, 9201, connections: 1, "openclaw-gateway");
        both.Listen(netns, 9202, connections: 1, "openclaw-agent");
        away.Listen(other, 9203, connections: 1, "openclaw-remote");
        foreach (var service in new[] { "gateway", "agent", "remote" })
            folder.Write(service + ".yml", "network:\n  max_connections: 10\n");

        Assert.Empty(Connections.Read(Snapshot(netns, folder)).Value);
        Assert.Equal(["remote"], Connections.Read(Snapshot(other, folder)).Value.Select(static level => level.Subject));
    }

    [Fact]
    public void A_restart_is_pending_while_the_process_runs_with_another_limit()
    {
        using var netns = new PrivateNamespace();
        using var folder = new TemporaryFolder();
        using var cgroup = new PrivateCgroup("daemon");
        var process = cgroup.Listen(netns, 9201, connections: 0, "openclaw-daemon");
        folder.Write("daemon.yml", "max-open-files: 512\n");

        Assert.Equal(1, Pending());
        netns.Command("prlimit", "--pid", process.Id.ToString(CultureInfo.InvariantCulture), "--nofile=512:");
        Assert.Equal(0, Pending());

        double Pending() => MetricCatalogue.All.Single(static family => family.Name == "openclaw_network_restart_pending")
            .Read(Diagnosis.Of(Snapshot(netns, folder))).Single(static sample => sample.Labels is ["daemon"]).Value;
    }

    /// <summary>Of this test's processes only: others that are watched run beside it.</summary>
    static Snapshot Snapshot(PrivateNamespace netns, TemporaryFolder folder)
    {
        ImmutableArray<Reader> readers =
        [
            .. KernelSampling.Readers("openclaw-(daemon|gateway|agent|remote)").Where(static reader => reader.Name is "processes" or "watched_cgroups" or "tcp_sockets" or "ephemeral_port_settings"),
            new ServiceConfigurationReader([folder.PathOf("*.yml")]),
        ];
        return netns.Run(() =>
        {
            var sampling = new Sampling(readers, Deadline.After(TimeSpan.FromSeconds(30)));
            return new Snapshot(DateTimeOffset.UtcNow, [.. readers.Select(sampling.Run)]);
        });
    }
}
