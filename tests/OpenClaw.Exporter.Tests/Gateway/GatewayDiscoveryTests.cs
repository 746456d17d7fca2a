using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

/// <summary>Finds Gateways in a made-up procfs whose processes look as those of version 2026.9.6.</summary>
public sealed partial class GatewayDiscoveryTests : IDisposable
{
    const int Pid = 300;

    readonly FixtureProc _proc = new();
    readonly SteppedClock _clock = new();
    readonly ServicePortList _ports = new();
    readonly GatewayDiscovery _discovery;
    readonly ProcessTableReader _processes;

    public GatewayDiscoveryTests()
    {
        _discovery = new(new ProcMount(_proc.Root), _clock, ports: _ports);
        _processes = new(new ProcMount(_proc.Root), new Regex("openclaw"), _clock);
        _proc["4711/comm"] = "postgres\n";
        _proc["4711/cmdline"] = "postgres\0";
        File.WriteAllText(Path.Combine(_proc.Root, "elsewhere"), "");
    }

    public void Dispose() => _proc.Dispose();

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Chown(string path, uint user, uint group);

    [Fact]
    public void A_machine_without_a_Gateway_has_none_and_nothing_fails()
    {
        var run = Run();

        Assert.Equal(Outcome.None, run.Get<FoundGateways>().Outcome);
        Assert.Null(run.Runs().Single(static one => one.Reader is GatewayDiscovery).Failure);
    }

    [Fact]
    public void The_title_of_the_process_and_its_listener_suffice()
    {
        Start(listeners: Row("0100007F", 18789, inode: 1));

        var gateway = Assert.Single(Found().Running);

        Assert.Equal((Pid, "openclaw-gateway", "process title"), (gateway.Pid, gateway.Name, gateway.FoundBy));
        Assert.Equal(new Uri("http://127.0.0.1:18789/healthz"), gateway.HealthAddress);
    }

    [Theory]
    [InlineData("node\0/usr/lib/node_modules/openclaw/openclaw.mjs\0gateway\0run\0", true)]
    [InlineData("node\0/usr/lib/node_modules/openclaw/dist/index.js\0gateway\0--port\018789\0", true)]
    [InlineData("node\0/usr/lib/node_modules/openclaw/openclaw.mjs\0--profile\0dev\0gateway\0", true)]
    [InlineData("node\0/usr/lib/node_modules/openclaw/openclaw.mjs\0gateway\0status\0--json\0", false)]
    [InlineData("node\0/usr/lib/node_modules/openclaw/openclaw.mjs\0gateway\0stop\0", false)]
    [InlineData("node\0/usr/lib/node_modules/openclaw/openclaw.mjs\0agent\0", false)]
    [InlineData("node\0/usr/lib/node_modules/openclaw/dist/process/spawn-broker/worker.js\0", false)]
    [InlineData("node\0/opt/openclaw-exporter/index.js\0gateway\0", false)]
    [InlineData("vim\0/etc/openclaw/gateway\0", false)]
    public void Its_command_line_is_a_sign_before_it_has_its_title(string commandLine, bool isGateway)
    {
        _proc.AddProcess(Pid, "MainThread", commandLine, descriptors: 3, "1024");

        Assert.Equal(isGateway, Run().Get<FoundGateways>().TryGet(out _));
    }

    [Theory]
    [InlineData(null, "127.0.0.1:18789")]
    [InlineData(19001, "127.0.0.1:19001")]
    public void The_configured_or_usual_port_is_asked_among_several(int? configured, string address) =>
        Assert.Equal(
            IPEndPoint.Parse(address),
            GatewayDiscovery.LoopbackOf(
                Addresses("[::1]:18789", "127.0.0.1:18791", "127.0.0.1:18789", "127.0.0.1:19001"),
                configured
            )
        );

    [Theory]
    [InlineData("0.0.0.0:5", "127.0.0.1:5")]
    [InlineData("[::]:5", "[::1]:5")]
    [InlineData("[::1]:5", "[::1]:5")]
    [InlineData("10.0.0.1:5", null)]
    public void Only_a_loopback_address_is_asked(string listener, string? address) =>
        Assert.Equal(
            address is null ? null : IPEndPoint.Parse(address),
            GatewayDiscovery.LoopbackOf(Addresses(listener), null)
        );

    [Fact]
    public void One_in_another_network_namespace_is_not_asked()
    {
        Start(listeners: Row("0100007F", 18789, inode: 1), isHere: false);

        var gateway = Assert.Single(Found().Running);

        Assert.Null(gateway.HealthAddress);
        Assert.Contains("another network namespace", gateway.Describe(null), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OPENCLAW_PROFILE=dev\0", "", "dev")]
    [InlineData("OPENCLAW_STATE_DIR=/home/claw/.openclaw-work\0", "", "work")]
    [InlineData("HOME=/home/claw\0", "0::/user.slice/user@1000.service/openclaw-gateway-night.service\n", "night")]
    [InlineData("HOME=/home/claw\0", "0::/system.slice/openclaw-gateway.service\n", "")]
    public void Environment_state_folder_or_unit_tell_the_profile(string environment, string cgroup, string profile)
    {
        Start(listeners: Row("0100007F", 18789, inode: 1));
        _proc[$"{Pid}/environ"] = environment;
        _proc[$"{Pid}/cgroup"] = cgroup;

        var gateway = Assert.Single(Found().Running);

        Assert.Equal(profile, gateway.Profile);
        Assert.EndsWith(
            profile.Length > 0 ? $"/openclaw-{profile}-*.log" : "/openclaw-2*.log",
            gateway.Log,
            StringComparison.Ordinal
        );
    }

    /// <summary>The Gateway runs as the user of its directory in procfs: that of the test.</summary>
    [Theory]
    [InlineData("own", "", "/tmp/openclaw/")]
    [InlineData("other", "", "/tmp/openclaw-UID/")]
    [InlineData("other", "TMPDIR=/var/tmp/\0", "/var/tmp/openclaw-UID/")]
    [InlineData("absent", "", "/tmp/openclaw-UID/")]
    public void Its_log_is_in_a_folder_of_its_own_where_the_usual_one_is_of_another_user(
        string usual,
        string environment,
        string folder
    )
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "gives a folder to another user, which needs root");
        Start(listeners: Row("0100007F", 18789, inode: 1));
        _proc[$"{Pid}/environ"] = environment;
        var root = Path.Combine(_proc.Root, $"{Pid}/root");
        foreach (var parent in (string[])["tmp", "var/tmp"])
            Directory.CreateDirectory(Path.Combine(root, parent, "openclaw-0"));
        if (usual != "absent")
            Directory.CreateDirectory(Path.Combine(root, "tmp/openclaw"));
        if (usual == "other")
            Assert.Equal(0, Chown(Path.Combine(root, "tmp/openclaw"), 4711, 4711));

        var log = Assert.Single(Found().Running).Log;

        Assert.Equal(root + folder.Replace("UID", "0", StringComparison.Ordinal) + "openclaw-2*.log", log);
    }

    [Fact]
    public void Its_configuration_sets_port_log_and_TLS()
    {
        var file = Path.Combine(_proc.Root, "openclaw.json");
        File.WriteAllText(
            file,
            """
            { // JSON5
              "gateway": { "port": 19001, "tls": { "enabled": true } },
              "logging": { "file": "/var/log/claw.log" },
            }
            """
        );
        Start(listeners: Row("0100007F", 18789, inode: 1) + Row("0100007F", 19001, inode: 2));
        _proc[$"{Pid}/environ"] = $"OPENCLAW_CONFIG_PATH={file}\0";

        var gateway = Assert.Single(Found().Running);

        Assert.Equal(new Uri("https://127.0.0.1:19001/healthz"), gateway.HealthAddress);
        Assert.Equal(("/var/log/claw.log", file), (gateway.Log, gateway.Configuration));
    }

    /// <summary>The port of one that ended is watched while it is expected back.</summary>
    [Theory]
    [InlineData(true, "19001")]
    [InlineData(false, "")]
    public void The_port_of_a_Gateway_in_the_own_network_namespace_is_watched(bool isHere, string port)
    {
        Start(listeners: Row("0100007F", 19001, inode: 1), isHere: isHere);

        Assert.True(Found().Running is [{ Address.Port: 19001 }]);
        Assert.Equal(port, string.Join(',', _ports.All));

        Directory.Move(Path.Combine(_proc.Root, $"{Pid}"), Path.Combine(_proc.Root, "ended"));
        _ = Run();
        Assert.Equal(port, string.Join(',', _ports.All));
        _clock.Advance(GatewayDiscovery.ExpectedFor);
        _ = Run();
        Assert.Empty(_ports.All);
    }

    [Fact]
    public void The_open_database_tells_where_the_state_is()
    {
        Start(listeners: Row("0100007F", 18789, inode: 1));
        File.CreateSymbolicLink(
            Path.Combine(_proc.Root, $"{Pid}/fd/9"),
            "/home/claw/.openclaw-dev/state/openclaw.sqlite"
        );

        var gateway = Assert.Single(Found().Running);

        Assert.Equal(("dev", "/home/claw/.openclaw-dev/openclaw.json"), (gateway.Profile, gateway.Configuration));
    }

    [Fact]
    public void A_Gateway_that_ended_is_expected_for_15_minutes()
    {
        Start(listeners: Row("0100007F", 18789, inode: 1));
        _ = Found();
        Directory.Delete(Path.Combine(_proc.Root, $"{Pid}"), recursive: true);

        var gone = Assert.Single(Found().Gone);
        Assert.Equal(Pid, gone.Pid);
        _clock.Advance(TimeSpan.FromMinutes(14));
        Assert.Single(Found().Gone);
        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(Outcome.None, Run().Get<FoundGateways>().Outcome);
    }

    [Fact]
    public void A_Gateway_that_restarts_and_never_listens_stays_expected()
    {
        Start(listeners: Row("0100007F", 18789, inode: 1));
        _proc[$"{Pid}/environ"] = "HOME=/home/claw\0";
        _ = Found();
        Directory.Delete(Path.Combine(_proc.Root, $"{Pid}"), recursive: true);
        Start(listeners: "", pid: Pid + 1);
        _proc[$"{Pid + 1}/environ"] = "HOME=/home/claw\0";
        Assert.Single(Found().Gone);

        _clock.Advance(TimeSpan.FromMinutes(20));

        Assert.Equal(TimeSpan.FromMinutes(20), Assert.Single(Found().Gone).GoneFor);
    }

    [Fact]
    public void A_restarted_Gateway_is_not_gone()
    {
        Start(listeners: Row("0100007F", 18789, inode: 1));
        _ = Found();
        Directory.Delete(Path.Combine(_proc.Root, $"{Pid}"), recursive: true);
        Start(listeners: Row("0100007F", 18789, inode: 1), pid: Pid + 1);

        var found = Found();

        Assert.Empty(found.Gone);
        Assert.Equal(Pid + 1, Assert.Single(found.Running).Pid);
    }

    /// <summary>The sockets are read before the processes, and the Gateway may end in between.</summary>
    [Fact]
    public void A_listener_of_one_that_just_ended_replaces_it_for_one_snapshot_only()
    {
        Start(listeners: Row("0100007F", 18789, inode: 1));
        _ = Found(18789);
        Directory.Delete(Path.Combine(_proc.Root, $"{Pid}"), recursive: true);

        Assert.Empty(Found(18789).Gone);
        Assert.Single(Found().Gone);
    }

    /// <summary>Each container has the same loopback address and the same paths.</summary>
    [Fact]
    public void One_in_another_network_namespace_replaces_none_here()
    {
        Start(listeners: Row("0100007F", 18789, inode: 1));
        Start(listeners: Row("0100007F", 18789, inode: 1), isHere: false, pid: Pid + 1);
        _ = Found();
        Directory.Delete(Path.Combine(_proc.Root, $"{Pid}"), recursive: true);

        Assert.Equal(Pid, Assert.Single(Found().Gone).Pid);
    }

    [Fact]
    public void A_listener_whose_process_is_hidden_is_one_at_the_usual_port()
    {
        var gateway = Assert.Single(Found(18789).Running);

        Assert.Equal((0, "listener"), (gateway.Pid, gateway.FoundBy));
        Assert.Equal(Outcome.None, Run(18790).Get<FoundGateways>().Outcome);
    }

    /// <summary>Its own descriptors have no listener, so that the one at its port is another program's.</summary>
    [Fact]
    public void A_listener_of_another_program_is_not_the_Gateways()
    {
        Start(listeners: "");

        var gateway = Assert.Single(Found(18789).Running);

        Assert.Equal((Pid, null), (gateway.Pid, gateway.Address));
        Assert.Contains(
            "has no listener; another program listens at port 18789",
            gateway.Describe(null),
            StringComparison.Ordinal
        );
    }

    static ImmutableArray<IPEndPoint> Addresses(params string[] addresses) => [.. addresses.Select(IPEndPoint.Parse)];

    static string Row(string address, int port, int inode) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"   0: {address}:{port:X4} 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000 0 {inode} 1 0 0\n"
        );

    void Start(string listeners, bool isHere = true, int pid = Pid)
    {
        _proc.AddProcess(pid, "openclaw-gatewa", "openclaw-gateway      ", descriptors: 4, "1024");
        _proc[$"{pid}/net/tcp"] = "  sl  local_address rem_address st\n" + listeners;
        _proc[$"{pid}/ns/placeholder"] = "";
        File.CreateSymbolicLink(
            Path.Combine(_proc.Root, $"{pid}/ns/net"),
            Path.Combine(_proc.Root, isHere ? "self/ns/net" : "elsewhere")
        );
    }

    FoundGateways Found(params ushort[] listening) => Run(listening).Get<FoundGateways>().Value;

    SamplingPass Run(params ushort[] listening)
    {
        var ports = new EphemeralPorts(100, [], []) { ListeningPorts = [.. listening] };
        var sockets = new FunctionReader<TcpSockets>("tcp", "", _ => TcpSockets.None with { Ports = ports });
        return SamplingPass.Run([_processes, sockets, _discovery], Deadline.After(TimeSpan.FromSeconds(10)));
    }
}
