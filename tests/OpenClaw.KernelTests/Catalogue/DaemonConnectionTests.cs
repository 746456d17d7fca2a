using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Holders;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

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
            .Findings.First(static finding => finding.Pool != PoolCatalogue.ProcessFileDescriptors);
        Assert.Equal(
            ("daemon_connections", Gateway, PoolCondition.Critical),
            (worst.Pool.Name, worst.Level.Subject, worst.Condition)
        );
        Assert.Contains("network.max_connections", worst.Remedy.Advice, StringComparison.Ordinal);
        folder.Write(Gateway + ".yml", "network:\n  max_connections: 20\n");
        Assert.Equal(PoolCondition.Ok, Diagnosis.Judge(Snapshot(netns, folder)).StateOf(Connections).Condition);
    }

    /// <summary>A bystander has more connections, and the service's own are with some peers more than others.</summary>
    [Fact]
    public void The_process_and_the_peers_of_a_nearly_full_service_are_named()
    {
        using var folder = new TemporaryFolder();
        using var cgroup = new PrivateCgroup("peers");
        using var netns = new PrivateNamespace();
        var file = folder.Write(Daemon + ".yml", "network:\n  max_connections: 20\n");
        var daemon = ConnectDaemon(netns, cgroup);

        var finding = Find(Snapshot(netns, folder));

        Assert.Equal((19, 20), (finding.Level.Used, finding.Level.Limit));
        Assert.Equal(
            [
                ($"openclaw-{Daemon} (pid {daemon.Id})", 13),
                ("peer 127.0.0.2:9401", 8),
                ("peer 127.0.0.9", 6),
                ("peer 127.0.0.3", 5),
            ],
            finding.Holders.Worst.Select(static holder => (holder.Name, (int)holder.Count))
        );
        Assert.Equal(["6 not yet accepted"], finding.Holders.Notes);
        Assert.Equal(PeersByTheKernel(netns, cgroup), finding.Holders.Worst.Skip(1).Select(PeerOf));
        Assert.Equal(daemon.Id, finding.Holders.Worst[0].Process!.Pid);
        Assert.Equal(cgroup.Path, finding.Cgroup);

        // Below its threshold, nothing is searched.
        File.WriteAllText(file, "network:\n  max_connections: 40\n");
        var below = Snapshot(netns, folder);
        Assert.Equal(Outcome.NotAsked, below.Get<NamespaceHolders>().Outcome);
        Assert.Empty(Find(below).Holders.Worst);

        static (string, int) PeerOf(Holder holder) => (holder.Name.Split(' ')[1].Split(':')[0], (int)holder.Count);
    }

    [Fact]
    public void The_peers_of_a_service_in_another_namespace_are_named()
    {
        using var folder = new TemporaryFolder();
        using var cgroup = new PrivateCgroup("peers elsewhere");
        using var netns = new PrivateNamespace();
        using var home = new PrivateNamespace();
        folder.Write(Daemon + ".yml", "network:\n  max_connections: 20\n");
        var daemon = ConnectDaemon(netns, cgroup);
        var inode = netns.Run(static () => Kernel.Files.FileIdentity.Read("/proc/thread-self/ns/net").Value.Inode);

        var snapshot = home.Run(() => Readers(folder, new($"{inode}")).SnapshotHere());

        var finding = Find(snapshot);
        Assert.Equal($"{inode}", finding.Level.Netns);
        Assert.Equal(
            [$"openclaw-{Daemon} (pid {daemon.Id})", "peer 127.0.0.2:9401", "peer 127.0.0.9", "peer 127.0.0.3"],
            finding.Holders.Worst.Select(static holder => holder.Name)
        );
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

    /// <summary>Starts a daemon with 13 connections, and 6 that it has not accepted.</summary>
    static Process ConnectDaemon(PrivateNamespace netns, PrivateCgroup cgroup)
    {
        HolderProgram.Start(netns, "upstream", ["serve 9401 9402 0.0.0.0"]);
        HolderProgram.Start(netns, "bystander", ["connect 9401 30 127.0.0.4"]);
        string[] connections = ["connect 9401 8 127.0.0.2", "connect 9401 2 127.0.0.3", "connect 9402 3 127.0.0.3"];
        var daemon = HolderProgram.Start(
            netns,
            "openclaw-" + Daemon,
            ["serve 9400 9400", .. connections],
            cgroup.Prefix
        );
        HolderProgram.Start(netns, "client", ["connect 9400 6 127.0.0.1 127.0.0.9"]);
        return daemon;
    }

    /// <summary>Returns the peers of a cgroup and the number of its connections with each, as ss shows them.</summary>
    static IEnumerable<(string, int)> PeersByTheKernel(PrivateNamespace netns, PrivateCgroup cgroup) =>
        netns
            .Command("sh", "-c", "cd \"$0\"; exec ss -tnH state established cgroup .", cgroup.Folder)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3].Split(':')[0])
            .CountBy(static peer => peer)
            .OrderByDescending(static peer => peer.Value)
            .Select(static peer => (peer.Key, peer.Value));

    static Finding Find(Snapshot snapshot) =>
        Diagnosis
            .Judge(snapshot)
            .Findings.Single(static finding => finding.Pool == Connections && finding.Level.Subject == Daemon);

    static string UniqueName(string service) =>
        string.Create(CultureInfo.InvariantCulture, $"{service}{Environment.ProcessId}");

    /// <summary>A snapshot of this test's processes only: other watched processes run at the same time.</summary>
    static Snapshot Snapshot(PrivateNamespace netns, TemporaryFolder folder)
    {
        var readers = Readers(folder);
        return netns.Run(() => readers.SnapshotHere());
    }

    static ImmutableArray<Reader> Readers(TemporaryFolder folder, NamespaceSelection? namespaces = null) =>
        [
            .. KernelReaders
                .All(
                    new ProcMount(),
                    new($"openclaw-({Daemon}|{Gateway}|{Agent}|{Remote})"),
                    worst: 1000,
                    namespaces: namespaces
                )
                .Where(static reader =>
                    reader.Name
                        is "processes"
                            or "watched_cgroups"
                            or "tcp_sockets"
                            or "ephemeral_port_settings"
                            or "socket_holders"
                            or "network_namespaces"
                            or "namespace_snapshots"
                ),
            new ServiceConfigurationReader([folder.PathOf("*.yml")]),
            new ConnectionLimitsReader(),
        ];
}
