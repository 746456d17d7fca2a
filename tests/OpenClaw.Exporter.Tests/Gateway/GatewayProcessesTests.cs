using System.Collections.Immutable;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

/// <summary>The Gateway together with the processes that it started, and the limits in its systemd unit.</summary>
public sealed class GatewayProcessesTests : IDisposable
{
    const int Pid = 300;
    const int Broker = 301;
    const string Worker = "/usr/bin/node\0/usr/lib/node_modules/openclaw/dist/process/spawn-broker/worker.js\0";

    readonly FixtureProc _proc = new();
    readonly TemporaryFolder _home = new();
    readonly SteppedClock _clock = new();

    public GatewayProcessesTests()
    {
        _proc["4711/comm"] = "postgres\n";
        _proc["4711/cmdline"] = "postgres\0";
        Start(Pid, "openclaw-gatewa", "openclaw-gateway     ", parent: 1);
        _proc[$"{Pid}/environ"] = $"HOME={_home.PathOf("")}\0";
        _proc[$"{Pid}/cgroup"] = "0::/user.slice/user-7.slice/user@7.service/app.slice/openclaw-gateway.service\n";
    }

    public void Dispose()
    {
        _home.Dispose();
        _proc.Dispose();
    }

    [Fact]
    public void Processes_that_it_started_are_its_workers()
    {
        Start(Broker, "MainThread", Worker, Pid);
        Start(302, "git", "git\0fetch\0", Broker);
        Start(303, "bash", "bash\0", parent: 1);
        Start(304, "openclaw-export", "openclaw-exporter\0", parent: 1);

        var gateway = Assert.Single(Run().Get<FoundGateways>().Value.Running);

        Assert.Equal(["openclaw spawn-broker worker", "git"], gateway.Workers.Select(static worker => worker.Name));
        Assert.Contains(
            "openclaw-gateway.service, 2 worker processes (openclaw spawn-broker worker, git)",
            gateway.Describe(null),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_process_that_got_the_id_of_a_worker_is_no_worker()
    {
        Start(Broker, "MainThread", Worker, Pid);
        var readers = Readers();
        Assert.Equal([Broker], WorkersIn(readers));

        End(Broker);
        Start(Broker, "bash", "bash\0", parent: 1);

        Assert.Empty(WorkersIn(readers));
    }

    [Fact]
    public void A_process_started_under_the_id_of_a_former_worker_is_no_worker()
    {
        Start(Broker, "MainThread", Worker, Pid);
        var readers = Readers();
        Assert.Equal([Broker], WorkersIn(readers));

        End(Broker);
        Start(Broker, "bash", "bash\0", parent: 1);
        Start(302, "git", "git\0fetch\0", Broker);

        Assert.Empty(WorkersIn(readers));
    }

    /// <summary>The kernel then names another parent: process 1, or the manager of the session.</summary>
    [Fact]
    public void A_worker_whose_parent_ended_still_belongs_to_its_Gateway()
    {
        Start(Broker, "MainThread", Worker, Pid);
        Start(302, "git", "git\0fetch\0", Broker);
        var readers = Readers();
        Assert.Equal([Broker, 302], WorkersIn(readers));

        End(Broker);
        _proc["302/stat"] = "302 (git) S 1 302 302 0 -1 4194304 0\n";
        Start(Broker, "bash", "bash\0", parent: 1);
        Start(303, "ssh", "ssh\0", parent: 302);

        Assert.Equal([302, 303], WorkersIn(readers));
    }

    [Fact]
    public void A_worker_that_holds_descriptors_is_named_with_its_Gateway()
    {
        Start(Broker, "MainThread", Worker, Pid);

        var worker = Diagnosis
            .Judge(Readers().SnapshotHere())
            .Findings.Single(static finding => finding.Level.Pid == Broker);

        Assert.Equal(
            "openclaw spawn-broker worker (pid 301) of openclaw-gateway (pid 300)",
            Verdicts.Place(worker.Level)
        );
        Assert.Equal(["openclaw spawn-broker worker"], worker.Level.About.Labels);
    }

    [Theory]
    [InlineData("[Service]\nLimitNOFILE=65536\n", null, 65536L)]
    [InlineData("[Service]\nLimitNOFILE=1024:65536\n", null, 65536L)]
    [InlineData("[Service]\nLimitNOFILE=infinity\n", null, null)]
    [InlineData("[Service]\nLimitNOFILE=4096\n", "[Service]\nLimitNOFILE=8192\n", 8192L)]
    [InlineData("[Service]\nLimitNOFILE=4096\n", "[Service]\nLimitNOFILE=\n", null)]
    [InlineData("[Service]\nLimitNOFILE=4096\nLimitNOFILE=many\n", null, 4096L)]
    [InlineData("[Unit]\nLimitNOFILE=4096\n", null, null)]
    [InlineData("[Service]\nKillMode=mixed\n", null, null)]
    public void The_limit_of_its_user_unit_is_read(string unit, string? dropIn, long? limit)
    {
        WriteUnit("openclaw-gateway.service", unit);
        if (dropIn is not null)
            WriteUnit("openclaw-gateway.service.d/limit.conf", dropIn);

        Assert.Equal(limit, Assert.Single(Run().Get<FoundGateways>().Value.Running).UnitLimit?.Hard);
    }

    [Theory]
    [InlineData(65536, 1)]
    [InlineData(1024, 0)]
    public void A_limit_of_its_unit_that_it_does_not_run_with_is_pending(int limit, double pending)
    {
        WriteUnit("openclaw-gateway.service", $"[Service]\nLimitNOFILE={limit}\n");

        var diagnosis = Diagnosis.Judge(Readers().SnapshotHere());
        var sample = Assert.Single(
            MetricCatalogue
                .All.Single(static family => family.Name == "openclaw_network_restart_pending")
                .Read(diagnosis)
        );

        Assert.Equal(("openclaw-gateway", pending), (sample.Labels[0], sample.Value));
        var drift = diagnosis
            .Findings.Single(static finding =>
                finding.Pool == PoolCatalogue.ProcessFileDescriptors && finding.Level.Pid == Pid
            )
            .Remedy.Drift;
        Assert.Equal(
            pending == 1
                ? $"{UnitPath("openclaw-gateway.service")} has LimitNOFILE={limit}, but the process runs with 1024: "
                    + "restart pending."
                : null,
            drift
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("box")]
    [InlineData("machine-gateway.scope")]
    public void Only_a_service_has_a_limit(string unit) =>
        Assert.Null(
            UnitLimit.Read(new(_proc.Root), Pid, unit, ImmutableDictionary<string, string>.Empty, isOfUser: false)
        );

    string UnitPath(string name) => _home.PathOf(".config/systemd/user/" + name);

    void WriteUnit(string name, string text)
    {
        var path = UnitPath(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>Ends a process. Its directory is kept elsewhere, so that no later one gets its inode.</summary>
    void End(int pid) => Directory.Move(Path.Combine(_proc.Root, $"{pid}"), Path.Combine(_proc.Root, $"ended-{pid}"));

    static IEnumerable<int> WorkersIn(ImmutableArray<Reader> readers) =>
        Assert
            .Single(
                SamplingPass.Run(readers, Deadline.After(TimeSpan.FromSeconds(10))).Get<FoundGateways>().Value.Running
            )
            .Workers.Select(static worker => worker.Pid)
            .Order();

    void Start(int pid, string name, string commandLine, int parent)
    {
        _proc.AddProcess(pid, name, commandLine, descriptors: 4, "1024");
        _proc[$"{pid}/stat"] = $"{pid} ({name}) S {parent} {pid} {pid} 0 -1 4194304 0\n";
    }

    ImmutableArray<Reader> Readers() =>
        [
            new ProcessTableReader(new ProcMount(_proc.Root), new Regex("openclaw"), _clock),
            new FunctionReader<TcpSockets>("tcp", "", static _ => TcpSockets.None),
            new GatewayDiscovery(new ProcMount(_proc.Root), _clock),
        ];

    SamplingPass Run() => SamplingPass.Run(Readers(), Deadline.After(TimeSpan.FromSeconds(10)));
}
