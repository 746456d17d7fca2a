using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Tests;

/// <summary>A pool that was selected but could not be read is unknown, with the reason: never ok.</summary>
public class UnknownPoolTests
{
    static readonly Missing Forbidden = new(Absence.NotPermitted, "setns: Operation not permitted");

    static readonly NetworkNamespace Other = new() { Name = "shop", Pids = [7] };

    static readonly Reader[] Own =
    [
        Fake<TcpSockets>("tcp_sockets", new TcpSockets(TcpSockets.None.States, Ports)),
        Fake<UdpSockets>("udp_sockets", new UdpSockets(0, Ports)),
        Fake<Sockstat>("sockstat", new Sockstat(0, 0, 0, 5, 0, 0, 0)),
        Fake<SocketLimits>("socket_limits", new SocketLimits(100L, 100L, 100L, 100L)),
        Fake<ConntrackTable>("conntrack", new ConntrackTable(1, (long?)100)),
    ];

    static EphemeralPorts Ports => new(100, [new(null, null, 0, 1, true)], []);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_namespace_that_was_not_entered(bool includesOwn)
    {
        var outside = new Readings([
            Fake<Sockstat>("sockstat", new Sockstat(0, 0, 0, 5, 0, 0, 0)).RunHere(),
            Fake<ConntrackTable>("conntrack", new ConntrackTable(1, (long?)100)).RunHere(),
        ]);
        var diagnosis = Diagnosis.Judge(
            await SnapshotAsync([
                .. Own,
                new FunctionReader<NamespaceSnapshots>(
                    "namespace_snapshots",
                    "",
                    _ => new NamespaceSnapshots([new(Other, outside, Forbidden)], 0, includesOwn),
                    static _ => Forbidden
                ),
            ])
        );

        Assert.Equal(PoolCondition.Unknown, diagnosis.Condition);
        Assert.Equal(3, ExitCodes.ForCondition(diagnosis.Condition));
        foreach (var pool in (string[])["ephemeral_connect_ports", "time_wait_sockets"])
            Assert.Equal((PoolCondition.Unknown, Forbidden), ConditionOf(diagnosis, pool));

        // Conntrack entries were read from outside with their limit, and orphans belong to the whole machine.
        Assert.Equal((PoolCondition.Ok, null), ConditionOf(diagnosis, "conntrack_entries"));
        Assert.Equal((PoolCondition.Ok, null), ConditionOf(diagnosis, "orphan_sockets"));
        Assert.Contains(Forbidden.Detail, Verdicts.Summarize(diagnosis), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Namespaces_that_could_not_be_looked_for()
    {
        var diagnosis = Diagnosis.Judge(
            await SnapshotAsync([.. Own, Fake<NamespaceSnapshots>("namespace_snapshots", Forbidden)])
        );

        Assert.Equal(PoolCondition.Unknown, diagnosis.Condition);
        Assert.Equal((PoolCondition.Unknown, Forbidden), ConditionOf(diagnosis, "time_wait_sockets"));
    }

    [Theory]
    [InlineData("status")]
    [InlineData("diagnose")]
    public async Task A_namespace_that_is_not_there_exits_3(string command)
    {
        var absent = new Missing(Absence.NotPresent, "no network namespace is called 'nope'; there are self");
        var snapshot = await SnapshotAsync([
            .. Own,
            new FunctionReader<NamespaceSnapshots>(
                "namespace_snapshots",
                "",
                static _ => new NamespaceSnapshots([], 0, false),
                _ => absent
            ),
        ]);

        Assert.Equal(
            3,
            await ExporterCommand.RunAsync(
                [command, "--netns=nope"],
                static _ => Task.FromResult(0),
                (_, _) => Task.FromResult(Diagnosis.Judge(snapshot))
            )
        );
        Assert.Equal(PoolCondition.Unknown, Diagnosis.Judge(snapshot).Condition);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("diagnose")]
    public async Task A_status_command_that_fails_exits_3(string command)
    {
        var failed = new Missing(Absence.Failed, "openclaw status: exit 1");
        var diagnosis = Diagnosis.Judge(await SnapshotAsync([.. Own, Fake<RuntimeStatus>("openclaw_status", failed)]));

        Assert.Equal(
            3,
            await ExporterCommand.RunAsync(
                [command],
                static _ => Task.FromResult(0),
                (_, _) => Task.FromResult(diagnosis)
            )
        );
        Assert.Equal(PoolCondition.Unknown, diagnosis.Condition);
        Assert.Contains(
            "The state of OpenClaw could not be read: openclaw status: exit 1.",
            Verdicts.Summarize(diagnosis),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_status_command_that_answers_leaves_it_well() =>
        Assert.Equal(
            PoolCondition.Ok,
            Diagnosis
                .Judge(
                    await SnapshotAsync([
                        .. Own,
                        Fake<RuntimeStatus>("openclaw_status", new RuntimeStatus(true, null, null)),
                    ])
                )
                .Condition
        );

    [Fact]
    public async Task Nothing_else_makes_it_unknown() =>
        Assert.Equal(
            PoolCondition.Ok,
            Diagnosis
                .Judge(await SnapshotAsync([.. Own, Fake<ProcessTable>("processes", new ProcessTable([]))]))
                .Condition
        );

    [Fact]
    public async Task A_limit_that_is_there_and_could_not_be_read()
    {
        var unread = new Missing(Absence.Malformed, "tcp_max_tw_buckets: expected an integer");
        var diagnosis = Diagnosis.Judge(
            await SnapshotAsync([
                .. Own.Where(static reader => reader.Name != "socket_limits"),
                Fake<SocketLimits>(
                    "socket_limits",
                    new SocketLimits(unread, 100L, 100L, new Missing(Absence.NotPresent, "not in a child namespace"))
                ),
            ])
        );

        Assert.Equal((PoolCondition.Unknown, unread), ConditionOf(diagnosis, "time_wait_sockets"));
        Assert.Equal((PoolCondition.Ok, null), ConditionOf(diagnosis, "udp_memory_bytes"));
    }

    [Fact]
    public async Task A_process_that_cannot_be_counted_may_be_full()
    {
        var unread = new Missing(Absence.NotPermitted, "/proc/7/fd: Permission denied");
        static ProcessDescriptors Process(int pid, bool isWatched, Reading<long> open) =>
            new(pid, $"node{pid}", isWatched, open, new ProcessLimits(1024, 1024));
        var watched = Diagnosis.Judge(
            await SnapshotAsync([
                Fake<ProcessTable>("processes", new ProcessTable([Process(6, true, 5L), Process(7, true, unread)])),
            ])
        );
        var others = Diagnosis.Judge(
            await SnapshotAsync([
                Fake<ProcessTable>("processes", new ProcessTable([Process(6, true, 5L), Process(7, false, unread)])),
            ])
        );

        Assert.Equal((PoolCondition.Unknown, unread), ConditionOf(watched, "process_file_descriptors"));
        Assert.Equal((PoolCondition.Unknown, unread), ConditionOf(others, "process_file_descriptors"));
    }

    /// <summary>
    /// OpenSSH's child before authentication is a sandbox, unless it is watched. A process with many descriptors is
    /// none, even where its limit was lowered below what it holds.
    /// </summary>
    [Theory]
    [InlineData(1, 5, false, false)]
    [InlineData(15, 15, false, false)]
    [InlineData(16, 16, false, true)]
    [InlineData(40, 40, false, true)]
    [InlineData(63, 63, false, true)]
    [InlineData(1024, 1025, false, true)]
    [InlineData(100, 500, false, true)]
    [InlineData(10, 500, false, true)]
    [InlineData(0, 63, false, false)]
    [InlineData(1, 5, true, true)]
    [InlineData(64, 64, false, true)]
    [InlineData(1024, 1024, false, true)]
    public async Task A_sandbox_is_not_exhausted(long limit, long open, bool isWatched, bool isCritical)
    {
        var diagnosis = Diagnosis.Judge(
            await SnapshotAsync([
                Fake<ProcessTable>(
                    "processes",
                    new ProcessTable([new(7, "sshd", isWatched, open, new ProcessLimits(limit, limit))])
                ),
            ])
        );

        Assert.Equal(
            (isCritical ? PoolCondition.Critical : PoolCondition.Ok, null),
            ConditionOf(diagnosis, "process_file_descriptors")
        );
    }

    [Fact]
    public async Task One_protocol_of_two()
    {
        var unread = new Missing(Absence.TimedOut, "inet_diag: no answer");
        var diagnosis = Diagnosis.Judge(
            await SnapshotAsync([
                .. Own.Where(static reader => reader.Name != "tcp_sockets"),
                Fake<TcpSockets>("tcp_sockets", unread),
            ])
        );

        Assert.Equal((PoolCondition.Unknown, unread), ConditionOf(diagnosis, "ephemeral_connect_ports"));
    }

    [Fact]
    public async Task A_source_without_backlogs_leaves_accept_queues_unknown()
    {
        var diagnosis = Diagnosis.Judge(
            await SnapshotAsync([
                Fake<TcpSockets>(
                    "tcp_sockets",
                    TcpSockets.None with
                    {
                        Listeners = [new(SocketAddress.AnyIPv4, 80, 0, Waiting: 5, Backlog: null)],
                    }
                ),
                Fake<SocketLimits>("socket_limits", new SocketLimits(1L, 1L, 1L, 1L) { ListenBacklog = 128 }),
            ])
        );

        var finding = Assert.Single(diagnosis.Findings);
        Assert.Equal((PoolCondition.Unknown, 5, null), (finding.Condition, finding.Level.Used, finding.Level.Limit));
        Assert.Null(finding.Remedy.Command);
        Assert.Equal(PoolCondition.Unknown, ConditionOf(diagnosis, "accept_queue_connections").Item1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_source_without_cgroups_leaves_the_connections_of_services_unknown(bool showsCgroups)
    {
        var diagnosis = Diagnosis.Judge(
            await SnapshotAsync([
                Fake<TcpSockets>("tcp_sockets", TcpSockets.None with { ShowsCgroups = showsCgroups }),
                Fake<ServiceConfiguration>(
                    "service_configuration",
                    new ServiceConfiguration([new("daemon", 500, null)], null)
                ),
                Fake<WatchedCgroups>(
                    "watched_cgroups",
                    new WatchedCgroups(ImmutableDictionary<int, Reading<ulong>>.Empty.Add(7, 77ul))
                ),
                Fake<ProcessTable>("processes", new ProcessTable([])),
            ])
        );

        Assert.Equal(
            showsCgroups ? PoolCondition.Ok : PoolCondition.Unknown,
            ConditionOf(diagnosis, "daemon_connections").Item1
        );
    }

    static (PoolCondition, Missing?) ConditionOf(Diagnosis diagnosis, string name)
    {
        var state = diagnosis.Pools.Single(state => state.Pool.Name == name);
        return (state.Condition, state.Unread);
    }

    static Task<Snapshot> SnapshotAsync(params ImmutableArray<Reader> readers) =>
        new Sampler(readers, TimeProvider.System).SampleAsync(TimeSpan.FromSeconds(10));

    static FunctionReader<T> Fake<T>(string name, Reading<T> reading) => new(name, "", _ => reading);
}
