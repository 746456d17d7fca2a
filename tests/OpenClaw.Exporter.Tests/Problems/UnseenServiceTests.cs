using System.Collections.Immutable;
using System.Net;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Tests;

/// <summary>OpenClaw's processes in a network namespace that may not be entered.</summary>
public class UnseenServiceTests
{
    const int Pid = 7;
    const string Why = "setns(/proc/7/ns/net): Operation not permitted";

    static readonly FileIdentity Inside = new(4, 4026532999);

    static readonly NetworkNamespace Blue = new()
    {
        Name = "blue",
        Identity = Inside,
        Pids = [Pid],
    };

    static readonly Missing Refused = new(Absence.NotPermitted, Why) { Reader = "namespace_snapshots" };

    [Theory]
    [InlineData("left out", true)]
    [InlineData("not entered", true)]
    [InlineData("not requested", false)]
    public async Task The_connections_of_a_service_are_unknown_where_its_namespace_may_not_be_entered(
        string how,
        bool isUnknown
    )
    {
        var diagnosis = await DiagnoseAsync(
            how,
            new FunctionReader<ServiceConfiguration>("service_configuration", "", static _ => new ServiceConfiguration(
                [new("daemon", 500, null)],
                null
            ))
        );

        var state = diagnosis.StateOf(PoolCatalogue.DaemonConnections);
        Assert.Empty(state.Levels.Value);
        Assert.Equal(isUnknown ? PoolCondition.Unknown : PoolCondition.Ok, state.Condition);
        AssertTold(
            isUnknown,
            diagnosis,
            PoolCatalogue.DaemonConnections.Label,
            $"openclaw-daemon (pid 7) in blue: {Why}"
        );
    }

    [Theory]
    [InlineData("left out", true)]
    [InlineData("not requested", false)]
    public async Task The_ports_are_unknown_where_the_namespace_of_a_Gateway_may_not_be_entered(
        string how,
        bool isUnknown
    )
    {
        var diagnosis = await DiagnoseAsync(
            how,
            new FunctionReader<FoundGateways>("gateway_discovery", "", static _ => new FoundGateways(
                [
                    new(Pid, "openclaw-gateway")
                    {
                        FoundBy = "process title",
                        IsHere = false,
                        Address = new(IPAddress.Loopback, 18789),
                    },
                ],
                []
            ))
        );

        AssertTold(
            isUnknown,
            diagnosis,
            PoolCatalogue.AcceptQueueConnections.Label,
            $"openclaw-gateway (pid 7) in blue: {Why}"
        );
    }

    static void AssertTold(bool isUnknown, Diagnosis diagnosis, string what, string why)
    {
        Assert.Equal(isUnknown ? ExitCodes.Unknown : ExitCodes.Ok, ExitCodes.ForCondition(diagnosis.Condition));
        var parts = UnseenPart.Collect(diagnosis).Where(static part => part.IsPool).ToList();
        if (!isUnknown)
        {
            Assert.Empty(parts);
            return;
        }

        var part = Assert.Single(parts, part => part.Why == why);
        Assert.Contains(what, part.What, StringComparison.Ordinal);
        Assert.Equal("CAP_SYS_ADMIN and CAP_SYS_PTRACE", part.Help);
    }

    static async Task<Diagnosis> DiagnoseAsync(string how, params Reader[] more)
    {
        var own = new NetworkNamespace
        {
            Name = "host",
            IsOwn = true,
            Identity = new(4, 4026531840),
        };
        var process = new ProcessDescriptors(Pid, "openclaw-daemon", true, 3, new ProcessLimits(1024, 1024))
        {
            IsWatchedProgram = true,
            NetworkNamespace = Inside,
        };
        var outside = new NamespaceSnapshot(Blue, Readings.None, Refused);
        var snapshots = how switch
        {
            "left out" => new NamespaceSnapshots([], 0, true) { LeftOut = [outside] },
            "not entered" => new NamespaceSnapshots([outside], 0, true),
            _ => null,
        };
        ImmutableArray<Reader> readers =
        [
            Fake("processes", new ProcessTable([process])),
            Fake("network_namespaces", new NetworkNamespaces([own, Blue])),
            Fake("tcp_sockets", TcpSockets.None with { ShowsCgroups = true }),
            Fake(
                "watched_cgroups",
                new WatchedCgroups(ImmutableDictionary<int, Reading<ulong>>.Empty.Add(Pid, 77ul)) { Elsewhere = [Pid] }
            ),
            .. more,
        ];
        if (snapshots is not null)
            readers = readers.Add(Fake("namespace_snapshots", snapshots));
        return Diagnosis.Judge(await new Sampler(readers, TimeProvider.System).SampleAsync(TimeSpan.FromSeconds(10)));
    }

    static FunctionReader<T> Fake<T>(string name, T value) => new(name, "", _ => value);
}
