using System.Collections.Immutable;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.Containers;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

/// <summary>The containers that OpenClaw creates for the tools of its agents.</summary>
public sealed class GatewaySandboxTests : IDisposable
{
    const int Pid = 300;
    const int Tool = 400;
    static readonly string Id = new('a', 64);

    readonly FixtureProc _proc = new();
    readonly TemporaryFolder _root = new();
    readonly SteppedClock _clock = new();

    public GatewaySandboxTests()
    {
        StartGateway(Pid);
        Start(Tool, "python3", descriptors: 60, softLimit: "64", $"/docker/{Id}");
    }

    public void Dispose()
    {
        _root.Dispose();
        _proc.Dispose();
    }

    [Fact]
    public void A_container_with_the_label_is_a_sandbox_of_the_Gateway()
    {
        WriteDocker(Id, "openclaw-sbx-main", """ "openclaw.sandbox": "1", "openclaw.sessionKey": "main" """);
        Start(401, "git", 3, "1024", $"/docker/{Id}");
        Start(402, "postgres", 3, "1024", "/system.slice/postgresql.service");

        var found = Found();

        var sandbox = Assert.Single(found.Sandboxes);
        Assert.Equal([Tool, 401], sandbox.Processes.Select(static process => process.Pid).Order());
        Assert.Equal("sandbox openclaw-sbx-main of openclaw-gateway (pid 300)", sandbox.Words);
        Assert.Contains(
            "1 sandbox of openclaw-gateway (pid 300): openclaw-sbx-main with 2 processes",
            GatewayWords.Describe(Readers().SnapshotHere())
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData(""" "openclaw.sandbox": "0" """)]
    public void A_container_without_the_label_is_none_whatever_its_name(string labels)
    {
        WriteDocker(Id, "openclaw-sbx-main", labels);

        Assert.Empty(Found().Sandboxes);
    }

    [Theory]
    [InlineData("openclaw-sbx-podman-main", true)]
    [InlineData("web", false)]
    public void Podman_keeps_labels_elsewhere_so_the_name_is_the_sign(string name, bool isSandbox)
    {
        _proc[$"{Tool}/cgroup"] = $"0::/machine.slice/libpod-{Id}.scope/container\n";
        _root.Write(
            "var/lib/containers/storage/overlay-containers/containers.json",
            $$"""[{"id":"{{Id}}","names":["{{name}}"]}]"""
        );

        Assert.Equal(isSandbox ? [name] : [], Found().Sandboxes.Select(static sandbox => sandbox.Name));
    }

    [Fact]
    public void Where_several_Gateways_run_a_sandbox_belongs_to_none_in_particular()
    {
        WriteDocker(Id, "openclaw-sbx-main", """ "openclaw.sandbox": "1" """);
        StartGateway(301);

        Assert.Equal("sandbox openclaw-sbx-main of openclaw-gateway", Assert.Single(Found().Sandboxes).Words);
    }

    [Fact]
    public void Without_a_Gateway_no_container_is_a_sandbox()
    {
        WriteDocker(Id, "openclaw-sbx-main", """ "openclaw.sandbox": "1" """);
        _proc[$"{Pid}/comm"] = "bash\n";
        _proc[$"{Pid}/cmdline"] = "bash\0";

        Assert.False(Run(Readers()).Get<FoundGateways>().TryGet(out _));
    }

    /// <summary>runc starts a process and then moves it into the cgroup of the container.</summary>
    [Fact]
    public void A_process_that_moved_into_its_container_since_is_found()
    {
        WriteDocker(Id, "openclaw-sbx-main", """ "openclaw.sandbox": "1" """);
        _proc[$"{Tool}/cgroup"] = "0::/system.slice/docker.service\n";
        var readers = Readers();
        Assert.Empty(Run(readers).Get<FoundGateways>().Value.Sandboxes);

        _proc[$"{Tool}/cgroup"] = $"0::/docker/{Id}\n";

        Assert.Single(Run(readers).Get<FoundGateways>().Value.Sandboxes);
    }

    [Fact]
    public void A_full_sandbox_is_named_with_the_setting_of_OpenClaw_that_limits_it()
    {
        WriteDocker(Id, "openclaw-sbx-main", """ "openclaw.sandbox": "1" """);

        var finding = Diagnosis
            .Judge(Readers().SnapshotHere())
            .Findings.Single(static finding =>
                finding.Pool == PoolCatalogue.ProcessFileDescriptors && finding.Level.Pid == Tool
            );

        Assert.Equal(
            "python3 (pid 400) in sandbox openclaw-sbx-main of openclaw-gateway (pid 300)",
            Verdicts.Place(finding.Level)
        );
        Assert.Equal($"cgroup /docker/{Id}, container openclaw-sbx-main (aaaaaaaaaaaa)", Verdicts.Owner(finding));
        Assert.Equal("ulimits: { nofile: { soft: 65536, hard: 65536 } }", finding.Remedy.Persistence);
        Assert.Equal(
            "agents.defaults.sandbox.docker in /home/claw/.openclaw/openclaw.json "
                + "(apply with openclaw sandbox recreate --all)",
            finding.Remedy.File
        );
    }

    [Theory]
    [InlineData("", "docker run of container web", "--ulimit nofile=65536:65536")]
    [InlineData(
        """ "com.docker.compose.service": "web", "com.docker.compose.project.config_files": "/srv/c.yml" """,
        "service web in the compose file /srv/c.yml",
        "ulimits: {nofile: {soft: 65536, hard: 65536}}"
    )]
    [InlineData(
        """ "com.docker.compose.service": "web", "com.docker.compose.project.working_dir": "/srv" """,
        "service web in the compose file in /srv",
        "ulimits: {nofile: {soft: 65536, hard: 65536}}"
    )]
    public void A_full_container_is_named_with_the_program_that_created_it(string labels, string file, string line)
    {
        WriteDocker(Id, "web", labels);

        var remedy = Diagnosis
            .Judge(Readers().SnapshotHere())
            .Findings.Single(static finding => finding.Level.Pid == Tool)
            .Remedy;

        Assert.Equal((file, line), (remedy.File, remedy.Persistence));
    }

    void StartGateway(int pid)
    {
        Start(pid, "openclaw-gatewa", 4, "1024", "/system.slice/openclaw-gateway.service");
        _proc[$"{pid}/cmdline"] = "openclaw-gateway     ";
        _proc[$"{pid}/environ"] = "HOME=/home/claw\0";
    }

    void Start(int pid, string name, int descriptors, string softLimit, string cgroup)
    {
        _proc.AddProcess(pid, name, name + "\0", descriptors, softLimit);
        _proc[$"{pid}/stat"] = $"{pid} ({name}) S 1 {pid} {pid} 0 -1 4194304 0\n";
        _proc[$"{pid}/cgroup"] = $"0::{cgroup}\n";
    }

    void WriteDocker(string id, string name, string labels) =>
        _root.Write(
            $"var/lib/docker/containers/{id}/config.v2.json",
            $$"""{"ID":"{{id}}","Name":"/{{name}}","Config":{"Labels":{ {{labels}} } } }"""
        );

    FoundGateways Found() => Run(Readers()).Get<FoundGateways>().Value;

    static SamplingPass Run(ImmutableArray<Reader> readers) =>
        SamplingPass.Run(readers, Deadline.After(TimeSpan.FromSeconds(10)));

    ImmutableArray<Reader> Readers()
    {
        var proc = new ProcMount(_proc.Root);
        return
        [
            new ProcessTableReader(proc, new Regex("openclaw"), _clock),
            new FunctionReader<TcpSockets>("tcp", "", static _ => TcpSockets.None),
            new WatchedCgroupsReader(proc),
            new ContainerNamesReader(new ContainerFiles(proc, _root.PathOf(""), _clock)),
            new GatewayDiscovery(proc, _clock, _root.PathOf("")),
        ];
    }
}
