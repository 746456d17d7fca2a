using System.Collections.Immutable;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Links;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Sysctls;

namespace OpenClaw.Exporter.Tests;

/// <summary>The advice and the command for each combination of readings.</summary>
public class RemedyWordsTests
{
    const string Container = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData(128, 128, "sysctl -w net.core.somaxconn=4096")]
    [InlineData(4096, 4096, "sysctl -w net.core.somaxconn=8192")]
    [InlineData(16384, 16384, "sysctl -w net.core.somaxconn=32768")]
    [InlineData(16384, 128, null)]
    [InlineData(4096, 511, null)]
    [InlineData(null, 128, null)]
    public async Task The_backlog_of_the_machine_is_raised_where_it_cuts_the_queue(
        int? most,
        int backlog,
        string? command
    )
    {
        var remedy = await RemedyAsync(
            "accept_queue_connections",
            Fake(
                "tcp_sockets",
                TcpSockets.None with
                {
                    Listeners = [new(SocketAddress.AnyIPv4, 8080, 0, (uint)backlog, (uint)backlog)],
                }
            ),
            Fake(
                "socket_limits",
                Limits with
                {
                    ListenBacklog = most is { } value ? (Reading<long>)value : new Missing(Absence.NotPermitted, ""),
                }
            )
        );

        Assert.Equal(command, remedy.Command);
        Assert.True(remedy.NeedsRestart);
        if (command is null)
            Assert.Contains("listen()", remedy.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1000, 600, 0, "TIME_WAIT")]
    [InlineData(1000, 400, 600, "idle without keepalive")]
    [InlineData(1000, 400, 400, "Share connections")]
    [InlineData(100, 100, 0, "Sockets are bound to most of these ports")]
    public async Task Advice_for_a_destination_goes_by_its_own_sockets(int own, int timeWait, int idle, string words)
    {
        // All other sockets of the namespace are in TIME_WAIT, which says nothing about this destination.
        var remedy = await RemedyAsync(
            "ephemeral_connect_ports",
            Tcp(
                new(SocketAddress.AnyIPv4, new(SocketAddress.AnyIPv4, 443), 0, 1000, true)
                {
                    Own = own,
                    TimeWait = timeWait,
                    IdleWithoutKeepalive = idle,
                }
            ),
            Settings()
        );

        Assert.Contains(words, remedy.Advice, StringComparison.Ordinal);
        Assert.Equal(
            words == "TIME_WAIT",
            remedy.Warning!.Contains("tcp_tw_reuse=1 reuses a port only 1 s after", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_destination_that_nobody_is_connected_to_lacks_the_ports_that_are_bound() =>
        Assert.Contains(
            "Sockets are bound to most of these ports",
            (
                await RemedyAsync(
                    "ephemeral_connect_ports",
                    Tcp(new ConnectPorts(null, null, 0, 1000, true)),
                    Settings()
                )
            ).Advice,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("ephemeral_connect_ports")]
    [InlineData("ephemeral_bind_ports")]
    public async Task UDP_is_given_no_advice_for_TCP(string pool)
    {
        var advice = (
            await RemedyAsync(
                pool,
                Fake("udp_sockets", new UdpSockets(1000, Ports([new(SocketAddress.AnyIPv4, null, 0, 1000, true)]))),
                Settings()
            )
        ).Advice;

        Assert.StartsWith("Close unused UDP sockets", advice, StringComparison.Ordinal);
        foreach (var wrong in (string[])["HTTP", "keepalive", "TIME_WAIT", "IP_BIND_ADDRESS_NO_PORT"])
            Assert.DoesNotContain(wrong, advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_is_told_to_raise_a_limit_above_what_the_kernel_takes()
    {
        var capped = await ProcessAsync(limit: 700_000, most: 1_048_576, ProcessOwner.None);
        Assert.Equal("prlimit --pid 7 --nofile=1048576:1048576", capped.Command);
        Assert.Contains("The kernel refuses more than fs.nr_open, 1048576.", capped.Warning, StringComparison.Ordinal);

        var atMost = await ProcessAsync(limit: 1_048_576, most: 1_048_576, ProcessOwner.None);
        Assert.Null(atMost.Command);
        Assert.Contains("It equals fs.nr_open", atMost.Warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", "", "LimitNOFILE=65536", "the unit that runs it (systemctl status 7 names it)")]
    [InlineData("", "", "openclaw-gateway.service", "LimitNOFILE=65536", "(systemctl edit openclaw-gateway.service)")]
    [InlineData("", "", "user@1000.service", "LimitNOFILE=65536", "the unit that runs it")]
    [InlineData(Container, "", "", "--ulimit nofile=65536:65536", "docker run")]
    [InlineData(Container, "4d4a3a53", "", "LimitNOFILE=65536", "Kubernetes has no setting for it")]
    public async Task The_limit_of_a_process_is_kept_where_it_is_started(
        string container,
        string pod,
        string unit,
        string line,
        string where
    )
    {
        var remedy = await ProcessAsync(limit: 1024, most: 1_048_576, new("", container, pod, unit));

        Assert.Equal(line, remedy.Persistence);
        Assert.Contains(where, remedy.File, StringComparison.Ordinal);
        Assert.DoesNotContain("python3", remedy.File, StringComparison.Ordinal);
    }

    /// <summary>
    /// A sidecar's network namespace is the pod's, and a file inside the exporter's container has no effect.
    /// </summary>
    [Theory]
    [InlineData("time_wait_sockets", "in this network namespace", "securityContext.sysctls of a pod")]
    [InlineData("conntrack_entries", "on the host itself", "/etc/sysctl.d/90-openclaw.conf")]
    [InlineData("process_file_descriptors", "in the container or host of the exporter", "docker run of its container")]
    public async Task In_a_network_namespace_that_is_not_the_machines_it_is_said_where(
        string pool,
        string where,
        string file
    )
    {
        ImmutableArray<Reader> readers =
        [
            Fake("sockstat", new Sockstat(0, 0, 0, 100, 0, 0, 0)),
            Fake("conntrack", new ConntrackTable(100, (long?)100)),
            Fake("processes", new ProcessTable([new(7, "openclaw", true, 1024L, new ProcessLimits(1024, 1024))])),
        ];
        var child = await RemedyAsync(
            pool,
            [.. readers, Fake("socket_limits", Limits with { TcpPages = new Missing(Absence.NotPresent, "tcp_mem") })]
        );
        var machine = await RemedyAsync(pool, [.. readers, Fake("socket_limits", Limits)]);

        Assert.StartsWith(where, child.Where, StringComparison.Ordinal);
        Assert.Contains(file, child.File, StringComparison.Ordinal);
        Assert.Null(machine.Where);
        Assert.Equal(machine.Command, child.Command);
    }

    [Theory]
    [InlineData("web", "ip netns exec web sysctl -w")]
    [InlineData("a b", "ip netns exec 'a b' sysctl -w")]
    [InlineData("x;reboot", "ip netns exec 'x;reboot' sysctl -w")]
    [InlineData("it's", @"ip netns exec 'it'\''s' sysctl -w")]
    [InlineData("a\e[2J'", @"ip netns exec $'a\x1b[2J\'' sysctl -w")]
    public void A_name_is_one_word_of_a_command(string name, string command) =>
        Assert.StartsWith(
            command,
            Remedy.Sysctl("", "a.b", "1").In(new() { Name = name, Mount = "/run/netns/" + name }).Command,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_file_that_is_read_later_is_the_one_to_change()
    {
        var remedy = Remedy.Sysctl("", "fs.file-max", "2");
        static PersistedSysctls In(string file) =>
            new(new Dictionary<string, bool>())
            {
                SetIn = new[] { KeyValuePair.Create("fs.file-max", file) }.ToImmutableDictionary(),
            };

        Assert.StartsWith(
            "/usr/lib/sysctl.d/99-vendor.conf, which already sets it",
            remedy.With(In("/usr/lib/sysctl.d/99-vendor.conf")).File,
            StringComparison.Ordinal
        );
        foreach (var earlier in (string[])["/etc/sysctl.d/90-openclaw.conf", "/usr/lib/sysctl.d/50-default.conf"])
            Assert.Equal("/etc/sysctl.d/90-openclaw.conf", remedy.With(In(earlier)).File);
    }

    [Fact]
    public void A_value_that_a_restart_of_the_machine_undoes_is_told() =>
        Assert.Equal(
            "fs.file-max has a value that is lost at reboot. It will be '9' again.",
            Remedy
                .Sysctl("", "fs.file-max", "2")
                .With(
                    new(new Dictionary<string, bool>())
                    {
                        ComesBack = new[] { KeyValuePair.Create("fs.file-max", "9") }.ToImmutableDictionary(),
                    }
                )
                .Drift
        );

    [Theory]
    [InlineData(65536, "max-open-files is configured as 65536, but the process runs with 1024: restart pending.")]
    [InlineData(1024, null)]
    public async Task A_limit_that_a_restart_of_the_service_brings_is_told(int configured, string? drift) =>
        Assert.Equal(
            drift,
            (
                await RemedyAsync(
                    "process_file_descriptors",
                    Fake(
                        "processes",
                        new ProcessTable([
                            new(7, "openclaw", true, 1000L, new ProcessLimits(1024, 1024)) { IsWatchedProgram = true },
                        ])
                    ),
                    Fake("service_configuration", new ServiceConfiguration([new("daemon", null, configured)], null))
                )
            ).Drift
        );

    /// <summary>
    /// Only ports that containers or virtual machines leaked are removed. An unplugged cable, or an interface on top of
    /// it, may come back.
    /// </summary>
    [Theory]
    [InlineData(1023, 1023, 64)]
    [InlineData(1023, 3, 3)]
    [InlineData(830, 500, 12)]
    [InlineData(819, 500, 1)]
    [InlineData(100, 50, 1)]
    [InlineData(1023, 0, 0)]
    public async Task Ports_that_are_down_are_taken_off_a_bridge_until_it_has_room(int ports, int down, int taken)
    {
        var remedy = await RemedyAsync(
            "bridge_ports",
            Bridge("br 0", [.. Enumerable.Range(0, ports).Select(i => Port($"v{i:d4}", i >= ports - down))])
        );

        var names = string.Join(' ', Enumerable.Range(ports - down, taken).Select(static i => $"v{i:d4}"));
        var command = $"""sh -c 'for port do ip link set dev "$port" nomaster; done' sh {names}""";
        Assert.Equal(taken == 0 ? null : command, remedy.Command);
        Assert.Null(remedy.Persistence);
        Assert.Equal(
            taken > 0,
            remedy.Warning?.EndsWith("added again: ip link set dev PORT master 'br 0'.", StringComparison.Ordinal)
                ?? false
        );
        Assert.Contains("second bridge", remedy.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_of_ports_are_words_and_uplinks_stay()
    {
        var bridge = Bridge(
            "br0",
            [
                Port("it's", true),
                Port("$(reboot)", true),
                Port("\e[2J", true),
                Port("\\xff", true),
                Port("tap0", true) with
                {
                    Kind = "tun",
                },
                Port("eth0", true) with
                {
                    Kind = "",
                },
                Port("eth0.10", true) with
                {
                    Kind = "vlan",
                },
                Port("bond0", true) with
                {
                    Kind = "bond",
                },
                Port("up", false),
                .. Enumerable.Range(0, 1000).Select(static i => Port($"v{i}", false)),
            ]
        );

        Assert.Equal(
            """sh -c 'for port do ip link set dev "$port" nomaster; done' sh '$(reboot)' 'it'\''s' tap0""",
            (await RemedyAsync("bridge_ports", bridge)).Command
        );
    }

    /// <summary>Bytes of a name that are not valid UTF-8 are shown as escapes, which ip does not recognise.</summary>
    [Fact]
    public async Task Names_with_escapes_are_in_no_command()
    {
        var remedy = await RemedyAsync(
            "bridge_ports",
            Bridge(
                "br\\xfe",
                [
                    Port("v\\xff", true),
                    Port("\\x", true),
                    .. Enumerable.Range(0, 1000).Select(static i => Port($"v{i}", false)),
                ]
            )
        );

        Assert.Equal("""sh -c 'for port do ip link set dev "$port" nomaster; done' sh '\x'""", remedy.Command);
        Assert.EndsWith("added again: ip link set dev PORT master BRIDGE.", remedy.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_for_another_namespace_stays_one_command()
    {
        var remedy = new Remedy("", new BridgePortRemoval(["a"])).In(new() { Name = "web", Mount = "/run/netns/web" });

        Assert.Equal(
            "ip netns exec web sh -c 'for port do ip link set dev \"$port\" nomaster; done' sh a",
            remedy.Command
        );
        Assert.Null(remedy.File);
    }

    [Theory]
    [InlineData(
        "/etc/openclaw/gateway.yml",
        "max_connections: 10",
        "openclaw-gateway.service",
        @"sed -i '3s/max_connections: 10\b/max_connections: 20/' /etc/openclaw/gateway.yml",
        "systemctl restart openclaw-gateway.service"
    )]
    [InlineData(
        "/a b/x;reboot.yml",
        "max_connections:  10",
        "",
        @"sed -i '3s/max_connections:  10\b/max_connections:  20/' '/a b/x;reboot.yml'",
        "applies from its next start"
    )]
    [InlineData(null, null, "", null, "in the file of the service")]
    public async Task The_number_of_a_service_is_changed_where_it_stands(
        string? file,
        string? text,
        string unit,
        string? command,
        string advice
    )
    {
        var remedy = await RemedyAsync(
            "daemon_connections",
            Fake(
                "processes",
                new ProcessTable([
                    new(7, "openclaw-gateway", true, 1L, new ProcessLimits(64, 64)) { IsWatchedProgram = true },
                ])
            ),
            Fake(
                "watched_cgroups",
                new WatchedCgroups(new[] { KeyValuePair.Create(7, (Reading<ulong>)3UL) }.ToImmutableDictionary())
                {
                    Owners = new[]
                    {
                        KeyValuePair.Create(7, new ProcessOwner("", "", "", unit)),
                    }.ToImmutableDictionary(),
                }
            ),
            Fake("tcp_sockets", TcpSockets.None with { Cgroups = [new(3) { Established = 10 }] }),
            Fake(
                "service_configuration",
                new ServiceConfiguration(
                    [new("gateway", 10, null) { MaxConnectionsText = file is null ? null : new(file, 3, text!) }],
                    null
                )
            )
        );

        Assert.Equal(command, remedy.Command);
        Assert.True(remedy.NeedsRestart);
        Assert.Contains(advice, remedy.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_table_of_connections_needs_its_module_before_its_line() =>
        Assert.Contains(
            "/etc/modules-load.d/",
            (await RemedyAsync("conntrack_entries", Fake("conntrack", new ConntrackTable(100, (long?)100)))).Warning,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("clw-network-exhausted", "clw-port-conflict")]
    [InlineData("clw-port-conflict", "clw-network-exhausted")]
    [InlineData("clw-connection-timeout", "clw-resource-limit")]
    [InlineData("clw-resource-limit", "clw-network-exhausted")]
    public void A_code_is_shown_first_and_then_what_it_causes(string code, string also)
    {
        var shown = ClwCodes.ShownBy(code);
        Assert.Equal(code, shown[0]);
        Assert.Contains(also, shown);
        Assert.Equal(shown.Distinct(), shown);
        Assert.Subset(ClwCodes.All.ToHashSet(), shown.ToHashSet());
    }

    static FunctionReader<NetworkInterfaces> Bridge(string name, ImmutableArray<NetworkInterface> ports) =>
        Fake("network_interfaces", new NetworkInterfaces([new(1, name, "bridge", "", 0, 0, 0), .. ports]));

    static NetworkInterface Port(string name, bool isDown) =>
        new(2, name, "veth", "bridge", 1, 0, 0) { IsDown = isDown };

    static SocketLimits Limits => new(100L, 100L, 100L, 100L) { ListenBacklog = 4096L };

    static EphemeralPorts Ports(ImmutableArray<ConnectPorts> connect) =>
        new(1000, connect, [new(SocketAddress.AnyIPv4, 1000, true)]);

    static FunctionReader<TcpSockets> Tcp(ConnectPorts use) =>
        Fake("tcp_sockets", new TcpSockets([0, 0, 0, 0, 0, 100_000, 0, 0, 0, 0, 0], Ports([use])));

    static FunctionReader<EphemeralPortSettings> Settings(
        PortSet? reserved = null,
        int first = 40000,
        int last = 40999
    ) =>
        Fake(
            "ephemeral_port_settings",
            new EphemeralPortSettings(
                (ushort)first,
                (ushort)last,
                reserved ?? new(),
                TimeWaitReuse.Loopback,
                TimeSpan.FromSeconds(1),
                true
            )
        );

    static Task<Remedy> ProcessAsync(long limit, long most, ProcessOwner owner) =>
        RemedyAsync(
            "process_file_descriptors",
            Fake("processes", new ProcessTable([new(7, "python3", true, limit, new ProcessLimits(limit, limit))])),
            Fake("file_nr", new FileNr(1, long.MaxValue) { ProcessMaximum = most }),
            Fake(
                "watched_cgroups",
                new WatchedCgroups(new Dictionary<int, Reading<ulong>>())
                {
                    Owners = new[] { KeyValuePair.Create(7, owner) }.ToImmutableDictionary(),
                }
            )
        );

    static async Task<Remedy> RemedyAsync(string pool, params ImmutableArray<Reader> readers) =>
        Diagnosis
            .Judge(await new Sampler(readers, TimeProvider.System).SampleAsync(TimeSpan.FromSeconds(10)))
            .Findings.First(finding => finding.Pool.Name == pool)
            .Remedy;

    static FunctionReader<T> Fake<T>(string name, T value) => new(name, "", _ => value);
}
