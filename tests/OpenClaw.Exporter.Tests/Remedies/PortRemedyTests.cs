using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Tests;

/// <summary>The command for a wider range of ports takes no port that a service listens on or owns.</summary>
public partial class PortRemedyTests
{
    const string NodePorts = "30000-32767";

    /// <summary>The low end stays, and no NodePort is touched, where the ports above are room enough.</summary>
    [Theory]
    [InlineData(32768, 60999, 26_000, "32768 65535")]
    [InlineData(32768, 60999, 28_232, "32768 65535")]
    [InlineData(40000, 40099, 100, "40000 65535")]
    [InlineData(1025, 1999, 900, "1025 65534")]
    [InlineData(32767, 60999, 28_000, "32767 65534")]
    [InlineData(32768, 61000, 28_000, "32768 65535")]
    public void A_range_grows_upwards_first(int first, int last, int used, string range)
    {
        var remedy = RemedyOf(new(first, last, used));

        Assert.Equal(range, Setting(remedy, "range"));
        Assert.Equal(first >= WiderPortRange.LowestSensible, Setting(remedy, "reserved") is null);
    }

    /// <summary>
    /// connect() and bind() lose a port of an odd range, and the kernel logs that it prefers an even one.
    /// </summary>
    [Theory]
    [InlineData(32768, 65535, 30_000, "24576 65535")]
    [InlineData(32769, 65535, 32_766, "20480 65535")]
    [InlineData(32767, 65534, 32_768, "20480 65535")]
    [InlineData(50001, 65535, 15_000, "45056 65535")]
    [InlineData(65535, 65535, 1, "61440 65535")]
    [InlineData(28672, 65535, 36_864, "12288 65535")]
    [InlineData(20480, 65535, 45_000, "10240 65535")]
    [InlineData(10242, 65535, 55_000, "10240 65535")]
    public void A_range_grows_downwards_where_the_ports_above_are_not_room_enough(
        int first,
        int last,
        int used,
        string range
    )
    {
        var remedy = RemedyOf(new(first, last, used));

        Assert.Equal(range, Setting(remedy, "range"));
        var low = int.Parse(range.Split(' ')[0], CultureInfo.InvariantCulture);
        Assert.Equal(low <= ServicePorts.Gateway ? $"{ServicePorts.Gateway}" : null, Setting(remedy, "reserved"));
    }

    [Theory]
    [InlineData(10240, 65535)]
    [InlineData(1024, 65535)]
    public void Below_10240_a_range_does_not_grow(int first, int last)
    {
        var remedy = RemedyOf(new(first, last, last - first + 1));

        Assert.Null(remedy.Command);
        Assert.Contains("as wide as is sensible", remedy.Warning, StringComparison.Ordinal);
    }

    /// <summary>An even range would have the port that an odd one may lose, and no other.</summary>
    [Theory]
    [InlineData(1024, 1300, "1301-65535")]
    [InlineData(40000, 40199, "1024-39999,40200-65535")]
    public void A_range_whose_surroundings_are_reserved_does_not_grow(int first, int last, string reserved)
    {
        var remedy = RemedyOf(new(first, last, last - first) { Reserved = reserved });

        Assert.Null(remedy.Command);
        Assert.Contains(
            "No wider range has more ports: net.ipv4.ip_local_reserved_ports has those outside.",
            remedy.Warning,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Low_ports_between_a_low_range_and_its_new_end_stay_free() =>
        Assert.Equal("2000-10239,18789", Setting(RemedyOf(new(1024, 1999, 900)), "reserved"));

    /// <summary>
    /// Port 80 is outside the new range, 41000 is reserved already, and 40500 is in the present range.
    /// </summary>
    [Fact]
    public void Listeners_inside_the_new_range_are_named_and_their_ports_reserved()
    {
        var remedy = RemedyOf(
            new(40000, 40999, 1000)
            {
                Listeners = [80, 40500, 41000, 41001, 61001],
                Datagrams = [51820],
                Reserved = "7000,41000",
            }
        );

        Assert.Equal(
            "sysctl -w net.ipv4.ip_local_reserved_ports=7000,40500,41000-41001,51820,61001 "
                + "net.ipv4.ip_local_port_range=\"40000 65535\"",
            remedy.Command
        );
        Assert.Equal(
            "net.ipv4.ip_local_reserved_ports = 7000,40500,41000-41001,51820,61001\n"
                + "net.ipv4.ip_local_port_range = 40000 65535",
            remedy.Persistence
        );
        Assert.Equal("/etc/sysctl.d/90-openclaw.conf", remedy.File);
        Assert.StartsWith(
            "The command reserves the ports of services inside the new range: 40500,41001,51820,61001 (listeners). ",
            remedy.Warning,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Changes_know_the_values_that_an_undo_restores() =>
        Assert.Equal(
            [("net.ipv4.ip_local_reserved_ports", "7000,7002-7004"), ("net.ipv4.ip_local_port_range", "40000 40999")],
            RemedyOf(new(40000, 40999, 1000) { Listeners = [50000], Reserved = "7000,7002,7003-7004" })
                .Changes.Cast<SysctlChange>()
                .Select(static change => (change.Key, change.Old))
        );

    /// <summary>Where the processes cannot be seen, a kubelet may run.</summary>
    [Theory]
    [InlineData("kubelet", "16384 65535", "18789,30000-32767")]
    [InlineData("k3s-server", "16384 65535", "18789,30000-32767")]
    [InlineData("kubelite", "16384 65535", "18789,30000-32767")]
    [InlineData("kubelet-monitor", "20480 65535", null)]
    [InlineData(null, "16384 65535", "18789,30000-32767")]
    public void NodePorts_are_reserved_where_Kubernetes_runs(string? process, string range, string? reserved)
    {
        var remedy = RemedyOf(new(32768, 65535, 32_768) { Process = process });

        Assert.Equal((range, reserved), (Setting(remedy, "range"), Setting(remedy, "reserved")));
        Assert.Equal(
            reserved is not null,
            remedy.Warning!.Contains("30000-32767 (NodePorts of Kubernetes", StringComparison.Ordinal)
        );
        Assert.Equal(process is null, remedy.Warning.Contains("in case it runs here", StringComparison.Ordinal));
    }

    [Fact]
    public void Reserved_ports_lessen_the_room_and_the_range_makes_up_for_them()
    {
        // Without NodePorts, 24576 would be low enough.
        Assert.Equal("24576 65535", Setting(RemedyOf(new(32768, 65535, 30_000)), "range"));
        var remedy = RemedyOf(new(32768, 65535, 30_000) { Process = "kubelet" });
        Assert.Equal(("20480 65535", NodePorts), (Setting(remedy, "range"), Setting(remedy, "reserved")));

        // The present range assigns them.
        remedy = RemedyOf(new(30000, 65535, 30_000) { Process = "kubelet" });
        Assert.Equal(("20480 65535", NodePorts), (Setting(remedy, "range"), Setting(remedy, "reserved")));
    }

    [Theory]
    [InlineData(null, "18789")]
    [InlineData(18789, "18789")]
    [InlineData(19001, "18789,19001")]
    [InlineData(443, "18789")]
    public void The_port_of_the_Gateway_is_reserved(int? configured, string reserved)
    {
        var remedy = RemedyOf(new(20480, 65535, 45_000) { Gateway = (ushort?)configured });

        Assert.Equal(("10240 65535", reserved), (Setting(remedy, "range"), Setting(remedy, "reserved")));
        Assert.Contains($"{reserved} (the OpenClaw Gateway)", remedy.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Reserved_ports_stay_as_they_are_where_no_service_is_in_the_new_range()
    {
        var remedy = RemedyOf(new(32768, 60999, 26_000) { Listeners = [22, 8080, 40001], Reserved = "40000-40010" });

        Assert.Equal("sysctl -w net.ipv4.ip_local_port_range=\"32768 65535\"", remedy.Command);
        Assert.Equal("net.ipv4.ip_local_port_range = 32768 65535", remedy.Persistence);
    }

    /// <summary>The kernel would cut a longer list in the middle of a number.</summary>
    [Fact]
    public void No_command_has_a_longer_list_than_the_kernel_reads()
    {
        ImmutableArray<ushort> Every(int step) =>
            [.. Enumerable.Range(0, 25_000 / step).Select(i => (ushort)(40_000 + (i * step)))];
        var longest = RemedyOf(new(32768, 60999, 26_000) { Listeners = Every(40) });
        Assert.InRange(Setting(longest, "reserved")!.Length, 3000, 4095);
        Assert.Contains("625 ports (listeners)", longest.Warning, StringComparison.Ordinal);

        var tooLong = RemedyOf(new(32768, 60999, 26_000) { Listeners = Every(20) });
        Assert.Null(tooLong.Command);
        Assert.StartsWith("Too many ports have listeners", tooLong.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_listeners_no_range_is_proposed()
    {
        var missing = new Missing(Absence.NotPermitted, "inet_diag: Operation not permitted");
        ImmutableArray<Reader> readers =
        [
            new FunctionReader<EphemeralPortSettings>("settings", "", static _ => Settings(new(40000, 40099, 100))),
            new FunctionReader<TcpSockets>("tcp", "", _ => missing),
            Fake("udp", new UdpSockets(100, new EphemeralPorts(100, [], [new(SocketAddress.AnyIPv4, 100, true)]))),
        ];

        var remedy = Diagnosis.Judge(readers.SnapshotHere()).Findings[0].Remedy;

        Assert.Null(remedy.Command);
        Assert.Contains("inet_diag: Operation not permitted", remedy.Warning, StringComparison.Ordinal);
    }

    /// <summary>A range serves all calls, so nobody gets two ranges at once.</summary>
    [Fact]
    public void All_levels_of_both_pools_have_the_same_command()
    {
        var commands = Diagnosis
            .Judge(Readers(new(32768, 65535, 32_000)).SnapshotHere())
            .Findings.Where(static finding => finding.Pool.Name.StartsWith("ephemeral_", StringComparison.Ordinal))
            .Select(static finding => finding.Remedy.Command)
            .ToList();

        Assert.True(commands.Count > 2);
        Assert.Single(commands.Distinct());
    }

    /// <summary>The file of either sysctl overrides the line of the remedy.</summary>
    [Fact]
    public void Both_sysctls_are_looked_up_in_the_files()
    {
        var remedy = RemedyOf(new(40000, 40999, 1000) { Listeners = [50000], Reserved = "7000" });

        var advised = remedy.With(
            new(new Dictionary<string, bool>())
            {
                SetIn = ImmutableDictionary<string, string>.Empty.Add(
                    "net.ipv4.ip_local_reserved_ports",
                    "/etc/sysctl.d/99-services.conf"
                ),
                ComesBack = ImmutableDictionary<string, string>
                    .Empty.Add("net.ipv4.ip_local_reserved_ports", "")
                    .Add("net.ipv4.ip_local_port_range", "32768 60999"),
            }
        );

        Assert.StartsWith("/etc/sysctl.d/99-services.conf, which", advised.File, StringComparison.Ordinal);
        Assert.Equal(
            "net.ipv4.ip_local_reserved_ports has a value that is lost at reboot. It will be empty again. "
                + "net.ipv4.ip_local_port_range has a value that is lost at reboot. It will be '32768 60999' again.",
            advised.Drift
        );
    }

    /// <summary>
    /// For every range with its reserved ports and its services, the new range assigns no service's port. It keeps the
    /// reserved ports and has more ports. Only where the widest range has no more is there no command.
    /// </summary>
    [Fact]
    public void No_command_takes_the_port_of_a_service() =>
        Machines.Sample(
            machine =>
            {
                var before = Settings(machine);
                var remedy = RemedyOf(machine);
                var owned = OwnedBy(machine);
                if (remedy.Command is null)
                {
                    var widest = before with { First = Math.Min(before.First, (ushort)10240), Last = 65535 };
                    return remedy.Warning!.Contains("Too many ports", StringComparison.Ordinal)
                        || CountOf(widest, port => owned.Contains(port) || (port < 10240 && port > before.Last))
                            <= CountOf(before, static _ => false) + (before.LosesOnePort ? 1 : 0);
                }

                var after = Applied(before, remedy);
                Assert.Equal(remedy.Persistence, PersistentFormOf(remedy.Command));
                Assert.DoesNotContain(owned, port => after.Includes((ushort)port));
                Assert.True(after.Reserved.ContainsAll(before.Reserved));
                Assert.InRange(after.First, Math.Min(before.First, (ushort)10240), before.First);
                Assert.True(after.Last >= before.Last);
                Assert.False(after.LosesOnePort);
                Assert.InRange(
                    CountOf(after, static _ => false),
                    CountOf(before, static _ => false) + 1,
                    ushort.MaxValue
                );
                Assert.DoesNotContain(Enumerable.Range(0, 10240), port =>
                    after.Includes((ushort)port) && (port < before.First || port > before.Last)
                );
                return true;
            },
            iter: 2_000
        );

    static Gen<Machine> Machines { get; } =
        Gen.Select(
                Gen.OneOf(Gen.Int[1, 65535], Gen.Int[30_000, 34_000], Gen.Const(32768)),
                Gen.OneOf(Gen.Int[0, 60_000], Gen.Int[0, 200], Gen.Const(28_231), Gen.Const(65_535)),
                Gen.Double[0.0, 1.0],
                Gen.Int[0, 65535].Array[0, 30],
                Gen.Int[1, 65535].Array[0, 30],
                Gen.Select(Gen.Bool, Gen.Int[1, 65535], Gen.Bool)
            )
            .Select(
                static (first, length, ratio, reserved, listeners, rest) =>
                {
                    var last = Math.Min(first + length, 65535);
                    return new Machine(first, last, (int)(ratio * (last - first + 1)))
                    {
                        Reserved = string.Join(',', reserved.Distinct().Order()),
                        Listeners = [.. listeners.Where(static (_, i) => i % 3 != 0).Distinct().Order().Select(AsPort)],
                        Datagrams =
                        [
                            .. listeners
                                .Where((port, i) => i % 3 == 0 && (port < first || port > last))
                                .Distinct()
                                .Order()
                                .Select(AsPort),
                        ],
                        Process = rest.Item1 ? "kubelet" : "node",
                        Gateway = rest.Item3 ? (ushort)rest.Item2 : null,
                    };
                }
            );

    static ushort AsPort(int port) => (ushort)port;

    static HashSet<int> OwnedBy(Machine machine) =>
        [
            ServicePorts.Gateway,
            machine.Gateway ?? ServicePorts.Gateway,
            .. machine.Listeners.Concat(machine.Datagrams),
            .. machine.Process == "kubelet" ? Enumerable.Range(30000, 2768) : [],
        ];

    /// <summary>The number of ports that the kernel may assign, less those that are left out.</summary>
    static int CountOf(EphemeralPortSettings settings, Func<int, bool> isLeftOut) =>
        Enumerable
            .Range(settings.First, settings.RangeSize)
            .Count(port => settings.Includes((ushort)port) && !isLeftOut(port)) - (settings.LosesOnePort ? 1 : 0);

    static EphemeralPortSettings Applied(EphemeralPortSettings before, Remedy remedy)
    {
        var (first, last) = EphemeralPortSettings
            .ParseRange(Encoding.ASCII.GetBytes(Setting(remedy, "range") ?? ""))
            .Value;
        return before with
        {
            First = first,
            Last = last,
            Reserved = Setting(remedy, "reserved") is { } reserved
                ? EphemeralPortSettings.ParseReserved(Encoding.ASCII.GetBytes(reserved)).Value
                : before.Reserved,
        };
    }

    static string PersistentFormOf(string command) =>
        string.Join(
            '\n',
            Assignment()
                .Matches(command)
                .Select(static match => $"{match.Groups[1]} = {match.Groups[2].Value.Trim('"')}")
        );

    /// <summary>The value that the command gives to one of the two sysctls; null when it does not set it.</summary>
    static string? Setting(Remedy remedy, string which) =>
        Assignment()
            .Matches(remedy.Command ?? "")
            .FirstOrDefault(match => match.Groups[1].Value.Contains(which, StringComparison.Ordinal))
            ?.Groups[2]
            .Value.Trim('"');

    [GeneratedRegex("(net\\.ipv4\\.\\w+)=(\"[^\"]+\"|\\S+)")]
    private static partial Regex Assignment();

    static Remedy RemedyOf(Machine machine) =>
        Diagnosis
            .Judge(Readers(machine).SnapshotHere())
            .Findings.First(static finding => finding.Pool == PoolCatalogue.EphemeralConnectPorts)
            .Remedy;

    static ImmutableArray<Reader> Readers(Machine machine)
    {
        var settings = Settings(machine);
        var limit = Math.Max(settings.UsableCount() - (settings.LosesOnePort ? 1 : 0), 0);
        var used = Math.Min(machine.Used, limit);
        ImmutableArray<Reader> readers =
        [
            Fake("settings", settings),
            Fake(
                "tcp",
                TcpSockets.None with
                {
                    Ports = new EphemeralPorts(
                        limit,
                        [
                            new(SocketAddress.AnyIPv4, new(SocketAddress.AnyIPv4, 443), 0, used, IsExact: true)
                            {
                                Own = used,
                            },
                            new(null, null, 0, used / 2, IsExact: true),
                        ],
                        [new(SocketAddress.AnyIPv4, used, IsExact: true)]
                    )
                    {
                        ListeningPorts = machine.Listeners,
                    },
                }
            ),
            Fake("udp", new UdpSockets(0, new EphemeralPorts(limit, [], []) { ListeningPorts = machine.Datagrams })),
        ];
        if (machine.Process is { } process)
        {
            var table = new ProcessTable([new(7, process, false, 1L, new ProcessLimits(64, 64))]);
            readers = readers.Add(Fake("processes", table));
        }

        return machine.Gateway is { } port
            ? readers.Add(Fake("gateway", new GatewayHealth(true, null) { Port = port }))
            : readers;
    }

    static EphemeralPortSettings Settings(Machine machine) =>
        new(
            (ushort)machine.First,
            (ushort)machine.Last,
            EphemeralPortSettings.ParseReserved(Encoding.ASCII.GetBytes(machine.Reserved)).Value,
            TimeWaitReuse.Loopback,
            TimeSpan.FromSeconds(1),
            true
        );

    static FunctionReader<T> Fake<T>(string name, T value) => new(name, "", _ => value);

    /// <summary>A network namespace with its range, its services and the ports in use.</summary>
    sealed record Machine(int First, int Last, int Used)
    {
        public string Reserved { get; init; } = "";

        /// <summary>The ports of TCP listeners.</summary>
        public ImmutableArray<ushort> Listeners { get; init; } = [];

        /// <summary>The ports of UDP sockets outside the range.</summary>
        public ImmutableArray<ushort> Datagrams { get; init; } = [];

        /// <summary>The only process; null when processes are not read.</summary>
        public string? Process { get; init; } = "node";

        /// <summary>The Gateway's port in the configuration; null without one.</summary>
        public ushort? Gateway { get; init; }
    }
}
