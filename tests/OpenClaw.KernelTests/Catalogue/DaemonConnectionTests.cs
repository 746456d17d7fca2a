using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.KernelTests;

public class DaemonConnectionTests
{
    static readonly Pool Connections = PoolCatalogue.DaemonConnections;

    /// <summary>
    /// Service names of this test run. OpenClaw itself may run on the machine, and its processes are watched too.
    /// </summary>
    static readonly string Daemon = UniqueName("daemon"),
        Gateway = UniqueName("gateway"),
        Agent = UniqueName("agent"),
        Remote = UniqueName("remote"),
        Absent = UniqueName("absent");

    /// <summary>A process connects to itself, so each connection counts twice: once per end.</summary>
    [Fact]
    [Provokes("daemon_connections")]
    public void Connections_count_for_the_service_whose_processes_have_them()
    {
        using var netns = new PrivateNamespace();
        using var folder = new TemporaryFolder();
        using var gateway = new PrivateCgroup("gateway");
        using var agent = new PrivateCgroup("agent");
        using var stranger = new PrivateCgroup("stranger");
        gateway.Listen(netns, 9201, connections: 4, "openclaw-" + Gateway);
        gateway.Listen(netns, 9202, connections: 1, "openclaw-" + Gateway);
        agent.Listen(netns, 9203, connections: 2, "openclaw-" + Agent);
        stranger.Listen(netns, 9204, connections: 3, "somebody");
        folder.Write(Gateway + ".yml", "network:\n  max_connections: 10\n");
        folder.Write(Agent + ".yml", "network:\n  max_connections: 16\n");
        folder.Write(Absent + ".yml", "network:\n  max_connections: 16\n");

        var levels = Connections.Read(Snapshot(netns, folder).Own).Value;

        Assert.Equal(
            [(Agent, 4, 16), (Gateway, 10, 10)],
            levels.Select(static level => (level.Subject, level.Used, level.Limit!.Value))
        );

        // The full service comes first, and has room once its file sets a higher limit.
        var worst = Diagnosis
            .Judge(Snapshot(netns, folder))
            .Findings.First(static finding => finding.Pool == Connections);
        Assert.Equal((Gateway, PoolCondition.Critical), (worst.Level.Subject, worst.Condition));
        Assert.Contains("network.max_connections", worst.Remedy.Advice, StringComparison.Ordinal);
        folder.Write(Gateway + ".yml", "network:\n  max_connections: 20\n");
        Assert.Equal(PoolCondition.Ok, Diagnosis.Judge(Snapshot(netns, folder)).StateOf(Connections).Condition);
    }

    [Fact]
    public void Services_in_one_cgroup_are_not_shown()
    {
        using var netns = new PrivateNamespace();
        using var other = new PrivateNamespace();
        using var folder = new TemporaryFolder();
        using var both = new PrivateCgroup("both");
        using var away = new PrivateCgroup("away");
        both.Listen(netns, 9201, connections: 1, "openclaw-" + Gateway);
        both.Listen(netns, 9202, connections: 1, "openclaw-" + Agent);
        away.Listen(other, 9203, connections: 1, "openclaw-" + Remote);
        foreach (var service in new[] { Gateway, Agent, Remote })
            folder.Write(service + ".yml", "network:\n  max_connections: 10\n");

        Assert.Empty(Connections.Read(Snapshot(netns, folder).Own).Value);
        Assert.Equal(
            [Remote],
            Connections.Read(Snapshot(other, folder).Own).Value.Select(static level => level.Subject)
        );
    }

    [Fact]
    public void A_restart_is_pending_while_the_process_runs_with_another_limit()
    {
        using var netns = new PrivateNamespace();
        using var folder = new TemporaryFolder();
        using var cgroup = new PrivateCgroup("daemon");
        var process = cgroup.Listen(netns, 9201, connections: 0, "openclaw-" + Daemon);
        folder.Write(Daemon + ".yml", "max-open-files: 512\n");

        Assert.Equal(1, Pending());
        netns.Command("prlimit", "--pid", process.Id.ToString(CultureInfo.InvariantCulture), "--nofile=512:");
        Assert.Equal(0, Pending());

        double Pending() =>
            MetricCatalogue
                .All.Single(static family => family.Name == "openclaw_network_restart_pending")
                .Read(Diagnosis.Judge(Snapshot(netns, folder)))
                .Single(static sample => sample.Labels is [var service] && service == Daemon)
                .Value;
    }

    static string UniqueName(string service) =>
        string.Create(CultureInfo.InvariantCulture, $"{service}{Environment.ProcessId}");

    /// <summary>A snapshot of this test's processes only: other watched processes run at the same time.</summary>
    static Snapshot Snapshot(PrivateNamespace netns, TemporaryFolder folder)
    {
        ImmutableArray<Reader> readers =
        [
            .. KernelSampling
                .Readers($"openclaw-({Daemon}|{Gateway}|{Agent}|{Remote})")
                .Where(static reader =>
                    reader.Name is "processes" or "watched_cgroups" or "tcp_sockets" or "ephemeral_port_settings"
                ),
            new ServiceConfigurationReader([folder.PathOf("*.yml")]),
        ];
        return netns.Run(() =>
        {
            return readers.SnapshotHere();
        });
    }
}
