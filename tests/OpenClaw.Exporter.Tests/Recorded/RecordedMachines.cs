using System.Collections.Immutable;
using System.Text;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.History;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.KernelLog;
using OpenClaw.Kernel.Links;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Probe;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sysctls;

namespace OpenClaw.Exporter.Tests;

/// <summary>The list of recorded machines.</summary>
static class RecordedMachines
{
    const ulong Shop = 4026532001,
        Db = 4026532002;

    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>Each machine by its name, prepared up to the recorded sampling.</summary>
    public static ImmutableSortedDictionary<string, Func<RecordedMachine, Task>> All { get; } =
        FilledMachine
            .Pools.ToDictionary<string, string, Func<RecordedMachine, Task>>(
                static pool => $"full-{pool}",
                static pool => machine => Fill(machine, 1, pool)
            )
            .Concat(
                new Dictionary<string, Func<RecordedMachine, Task>>
                {
                    ["quiet"] = static _ => Task.CompletedTask,
                    ["openclaw"] = OpenClaw,
                    ["all-pools-full"] = static machine => Fill(machine, 1, [.. FilledMachine.Pools]),
                    ["all-pools-warn"] = static machine =>
                        Fill(
                            machine,
                            0.8,
                            [.. FilledMachine.Pools.Where(static pool => pool != "ephemeral_bind_ports")]
                        ),
                    ["child-namespace"] = Child,
                    ["namespaces"] = Namespaces,
                    ["namespaces-not-found"] = NamespacesNotFound,
                    ["namespaces-leaked"] = Leaked,
                    ["not-permitted"] = NotPermitted,
                    ["malformed"] = Malformed,
                    ["timed-out"] = TimedOut,
                    ["nothing-read"] = NothingRead,
                    ["nothing-there"] = NothingThere,
                    ["symptoms-rise"] = SymptomsRise,
                    ["symptoms-explained"] = SymptomsExplained,
                    ["symptoms-fade"] = SymptomsFade,
                    ["kernel-log"] = KernelLog,
                    ["openclaw-log"] = OpenClawLog,
                    ["unlimited"] = Unlimited,
                    ["probe-refused"] = ProbeRefused,
                    ["configuration-drift"] = Drift,
                    ["pool-grows"] = PoolGrows,
                    ["processes"] = Processes,
                    ["sockets"] = Sockets,
                }
            )
            .ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>Fills pools to a part of their limit.</summary>
    public static Task Fill(RecordedMachine machine, double ratio, params string[] pools)
    {
        foreach (var pool in pools)
            machine.Fixture.Fill(pool, ratio);
        return Task.CompletedTask;
    }

    /// <summary>Readings of all of OpenClaw's own readers, for healthy services.</summary>
    static Task OpenClaw(RecordedMachine machine)
    {
        machine.Fixture.Write("4711/cgroup", "0::/system.slice/openclaw.service\n");
        machine.Give("service_configuration", new ServiceConfiguration([new("daemon", 1000, 1024)], null));
        machine.Give(
            "watched_cgroups",
            new WatchedCgroups(new[] { KeyValuePair.Create(4711, (Reading<ulong>)77UL) }.ToImmutableDictionary())
        );
        machine.Give(
            "cgroup_paths",
            new CgroupPaths(
                new[] { KeyValuePair.Create(77UL, "/system.slice/openclaw.service") }.ToImmutableDictionary()
            )
        );
        machine.Fixture.AddSockets(
            Enumerable
                .Range(0, 7)
                .Select(static i =>
                    FakeKernel.Socket(TcpState.Established, "10.0.0.1:443", $"192.0.2.1:{50000 + i}", cgroup: 77)
                )
        );
        machine.Give("runtime_status", new RuntimeStatus(true, "2026.2.1", 5));
        machine.Give("gateway_health", new GatewayHealth(true, null));
        machine.Give("openclaw_log", new ClwLog(machine.Clock).Errors);
        machine.Give("kernel_log", new KernelLogEvents([], 4026531840UL));
        machine.Give(
            "allocation_probe",
            new AllocationProbe(
                [
                    .. Enum.GetValues<ProbeOperation>()
                        .Select(
                            static (operation, i) =>
                                new ProbeResult(operation, 0, TimeSpan.FromMicroseconds(10 * (i + 1)))
                        ),
                ],
                []
            )
        );
        machine.Give(
            "pool_peaks",
            new PoolPeaks(
                PoolCatalogue
                    .All.Where(static pool =>
                        pool.Name is "conntrack_entries" or "system_file_descriptors" or "time_wait_sockets"
                    )
                    .ToImmutableDictionary(static pool => pool, static pool => pool.Name.Length / 100.0)
            )
        );
        return Task.CompletedTask;
    }

    /// <summary>A network namespace other than the machine's: resources of the whole machine are absent.</summary>
    static Task Child(RecordedMachine machine)
    {
        machine.Give(
            "socket_limits",
            new OpenClaw.Kernel.Sockets.SocketLimits(
                1000L,
                Absent("tcp_max_orphans"),
                Absent("tcp_mem"),
                Absent("udp_mem")
            )
            {
                ListenBacklog = 4096L,
            }
        );
        foreach (
            var file in (string[])
                [
                    "sys/net/ipv4/neigh/default/gc_thresh3",
                    "sys/net/ipv6/neigh/default/gc_thresh3",
                    "sys/net/netfilter/nf_conntrack_max",
                    "sys/net/netfilter/nf_conntrack_count",
                ]
        )
        {
            machine.Fixture.Write(file, null);
        }

        machine.Fixture.Fill("time_wait_sockets", 0.95);
        return Task.CompletedTask;

        static Missing Absent(string name) =>
            new(Absence.NotPresent, $"/proc/sys/net/ipv4/{name}: No such file or directory");
    }

    /// <summary>
    /// Several namespaces are in trouble, one was not entered, one was not reached and one has a failed reader. The
    /// last ones are only summed up.
    /// </summary>
    static async Task Namespaces(RecordedMachine machine)
    {
        machine.NamespacesShown = 4;
        NetworkNamespace[] others =
        [
            RecordedSampling.Other("shop", Shop) with
            {
                Owner = new("/kubepods/pod1/shop", new('a', 64), "01234567-89ab-cdef-0123-456789abcdef", ""),
            },
            RecordedSampling.Other("db", Db) with
            {
                Owner = new("/system.slice/db.service", "", "", "db.service"),
            },
            RecordedSampling.Other("closed", 4026532003),
            RecordedSampling.Other("late", 4026532004),
            RecordedSampling.Other("partly", 4026532005),
            RecordedSampling.Other("quiet-1", 4026532006),
            RecordedSampling.Other("quiet-2", 4026532007),
        ];
        machine.Give(
            "network_namespaces",
            new NetworkNamespaces([RecordedSampling.Own(NetworkNamespaces.Host), .. others])
        );
        var inside = others.ToDictionary(static netns => netns.Name, _ => machine.AddInside());
        await Fill(inside["shop"], 0.96, "conntrack_entries", "ephemeral_connect_ports");
        await Fill(inside["db"], 0.8, "accept_queue_connections", "time_wait_sockets");
        await Fill(inside["closed"], 0.5, "time_wait_sockets");
        await Fill(inside["quiet-1"], 0.2, "time_wait_sockets");
        await Fill(inside["quiet-2"], 0.1, "bridge_ports");
        inside["partly"].Miss(Absence.Failed, "Invalid argument", "traffic_queues");
        await GiveAll();
        await machine.SampleAsync(Minute);

        // Drops rise in two namespaces: "shop" has a full table that explains them, "quiet-1" has nothing full.
        foreach (var name in (string[])["shop", "quiet-1"])
        {
            inside[name]
                .Fixture.Write(
                    "thread-self/net/stat/nf_conntrack",
                    "entries  clashres insert_failed drop early_drop chainlength\n"
                        + "0000001a 00000001 00000002 00000033 00000004 00000005\n"
                );
        }

        await GiveAll();

        Task GiveAll() =>
            machine.GiveNamespacesAsync(
                3,
                others.Select(netns =>
                    netns.Name switch
                    {
                        "closed" => (
                            netns,
                            inside[netns.Name].NamespaceReaders(isEntered: false),
                            new Missing(Absence.NotPermitted, "/proc/7/ns/net: Operation not permitted")
                        ),
                        "late" => (
                            netns,
                            [],
                            new Missing(Absence.TimedOut, "late: deadline passed before it was reached")
                        ),
                        _ => (netns, inside[netns.Name].NamespaceReaders(), (Missing?)null),
                    }
                )
            );
    }

    static Task NamespacesNotFound(RecordedMachine machine)
    {
        machine.Fixture.AddProcess(99, "other", "other\0", 1, "64");
        machine.Miss(Absence.NotPermitted, "Permission denied", "network_namespaces");
        machine.Give("namespace_snapshots", new NamespaceSnapshots([], 0, IncludesOwn: true));
        return Task.CompletedTask;
    }

    static Task Leaked(RecordedMachine machine)
    {
        machine.Give(
            "network_namespaces",
            new NetworkNamespaces([
                RecordedSampling.Own(NetworkNamespaces.Self),
                .. Enumerable
                    .Range(1, 7)
                    .Select(static i =>
                        RecordedSampling.Other($"left-{i}", 4026532100 + (ulong)i) with
                        {
                            Processes = 0,
                            Pids = [],
                            Abandoned = TimeSpan.FromHours(i),
                        }
                    ),
            ])
        );
        return Task.CompletedTask;
    }

    static Task NotPermitted(RecordedMachine machine)
    {
        machine.Give("kernel_log", new KernelLogEvents([], 4026531840UL));
        machine.Miss(
            Absence.NotPermitted,
            "Operation not permitted",
            "kernel_log",
            "watched_descriptors",
            "network_interfaces",
            "persisted_sysctls",
            "conntrack"
        );
        return Task.CompletedTask;
    }

    /// <summary>Files whose form differs from the kernel's.</summary>
    static Task Malformed(RecordedMachine machine)
    {
        foreach (
            var file in (string[])
                [
                    "sys/net/ipv4/ip_local_port_range",
                    "sys/net/netfilter/nf_conntrack_max",
                    "sys/fs/file-nr",
                    "sys/net/core/somaxconn",
                    "sys/net/ipv4/neigh/default/gc_thresh3",
                    "thread-self/net/netstat",
                    "thread-self/net/snmp",
                    "thread-self/net/softnet_stat",
                    "thread-self/net/dev",
                    "thread-self/net/stat/nf_conntrack",
                    "4711/limits",
                ]
        )
        {
            machine.Fixture.Write(file, "<no number> & \"no table\"\n");
        }

        return Task.CompletedTask;
    }

    static Task TimedOut(RecordedMachine machine)
    {
        machine.Fixture.Fill("time_wait_sockets", 0.93);
        machine.Miss(
            Absence.TimedOut,
            "no answer within 10 s",
            "tcp_sockets",
            "ephemeral_port_settings",
            "processes",
            "network_interfaces",
            "file_nr"
        );
        return Task.CompletedTask;
    }

    static Task NothingRead(RecordedMachine machine)
    {
        machine.Miss(Absence.TimedOut, "no answer within 10 s", machine.Readers().Select(static reader => reader.Name));
        return Task.CompletedTask;
    }

    static Task NothingThere(RecordedMachine machine)
    {
        machine.Miss(
            Absence.NotPresent,
            "No such file or directory",
            machine.Readers().Select(static reader => reader.Name)
        );
        return Task.CompletedTask;
    }

    static async Task SymptomsRise(RecordedMachine machine)
    {
        WriteCounters(machine, 1);
        await machine.SampleAsync(Minute);
        WriteCounters(machine, 2);
    }

    static async Task SymptomsExplained(RecordedMachine machine)
    {
        await Fill(
            machine,
            0.97,
            "conntrack_entries",
            "time_wait_sockets",
            "orphan_sockets",
            "tcp_memory_bytes",
            "neighbour_entries",
            "accept_queue_connections"
        );
        await SymptomsRise(machine);
    }

    /// <summary>Symptoms that rose a while ago and no longer rise.</summary>
    static async Task SymptomsFade(RecordedMachine machine)
    {
        await SymptomsRise(machine);
        for (var i = 0; i < 4; i++)
            await machine.SampleAsync(TimeSpan.FromSeconds(20));
    }

    static async Task KernelLog(RecordedMachine machine)
    {
        machine.Give(
            "network_namespaces",
            new NetworkNamespaces([RecordedSampling.Own(NetworkNamespaces.Self), RecordedSampling.Other("shop", Shop)])
        );
        machine.Give("kernel_log", new KernelLogEvents([], 4026531840UL));
        machine.Give("namespace_snapshots", new NamespaceSnapshots([], 0, IncludesOwn: true));
        await machine.SampleAsync(Minute);
        var now = machine.Now;
        machine.Give(
            "kernel_log",
            new KernelLogEvents(
                [
                    .. Enum.GetValues<KernelLogKind>()
                        .Select((kind, i) => new KernelLogEvent(kind, null, now - (i * Minute))),
                    new(KernelLogKind.ConntrackTableFull, 4026531840, now.AddSeconds(-11)),
                    new(KernelLogKind.ConntrackTableFull, Shop, now.AddSeconds(-12)),
                    new(KernelLogKind.ConntrackTableFull, Db, now.AddSeconds(-13)),
                ],
                4026531840UL
            )
        );
    }

    static async Task OpenClawLog(RecordedMachine machine)
    {
        await OpenClaw(machine);
        machine.Give(
            "service_configuration",
            new ServiceConfiguration(
                [
                    new("daemon", 8, 65536)
                    {
                        MaxConnectionsText = new("/etc/openclaw/daemon.yml", 7, "max_connections: 8"),
                    },
                ],
                new Missing(
                    Absence.Malformed,
                    "/etc/openclaw/other.yml: line 3: expected a whole number for max-open-files"
                )
            )
        );
        machine.Give("runtime_status", new RuntimeStatus(false, null, null));
        machine.Give("gateway_health", new GatewayHealth(false, "Connection refused"));
        var log = new ClwLog(machine.Clock);
        log.Append("Error Code: clw-resource-limit\n"u8);
        machine.Give("openclaw_log", log.Errors);
        await machine.SampleAsync(Minute);
        log.Append("[OpenClaw Error]\nError Code: clw-network-exhausted\nContext: connect <agent> & \"tool\"\n"u8);
        log.Append("Details: EADDRNOTAVAIL\n"u8);
        log.Append("Error Code: clw-resource-limit\n"u8);
        for (var i = 0; i < 8; i++)
            log.Append(Encoding.ASCII.GetBytes($"code=clw-other-{i}\n"));
        log.Append("{\"time\":\"2026-03-01T13:00:59.5+01:00\",\"message\":\"connect EADDRNOTAVAIL "u8);
        log.Append("10.0.0.5:443 - Local (0.0.0.0:0)\"}\n"u8);
        machine.Give("openclaw_log", log.Errors);
    }

    static Task Unlimited(RecordedMachine machine)
    {
        machine.Fixture.Write("sys/fs/file-nr", "308\t0\t9223372036854775807\n");
        machine.Fixture.Write("sys/net/netfilter/nf_conntrack_max", null);
        machine.Fixture.AddProcess(12, "roomy", "roomy\0", 5, "unlimited");
        machine.Give("service_configuration", new ServiceConfiguration([new("daemon", null, null)], null));
        return Task.CompletedTask;
    }

    static async Task ProbeRefused(RecordedMachine machine)
    {
        machine.Give("allocation_probe", Probe(0));
        await machine.SampleAsync(Minute);
        machine.Give("allocation_probe", Probe(3));

        static AllocationProbe Probe(int failures) =>
            new(
                [
                    new(ProbeOperation.Socket, failures == 0 ? 0 : Errno.EMFILE, TimeSpan.FromMicroseconds(11)),
                    new(ProbeOperation.TcpBind, failures == 0 ? 0 : Errno.EADDRINUSE, TimeSpan.FromMicroseconds(12)),
                    new(ProbeOperation.UdpBind, 0, TimeSpan.FromMicroseconds(13)),
                    new(ProbeOperation.Connect, failures == 0 ? 0 : Errno.EADDRNOTAVAIL, TimeSpan.FromMicroseconds(14)),
                ],
                failures == 0
                    ? []
                    :
                    [
                        new(ProbeOperation.Socket, "EMFILE", failures),
                        new(ProbeOperation.TcpBind, "EADDRINUSE", failures),
                        new(ProbeOperation.Connect, "EADDRNOTAVAIL", failures),
                    ]
            );
    }

    static Task Drift(RecordedMachine machine)
    {
        var persisted = KernelReaders.Sysctls.ToImmutableDictionary(
            static key => key,
            static key => key.Length % 2 == 0
        );
        machine.Give(
            "persisted_sysctls",
            new PersistedSysctls(persisted)
            {
                ComesBack = new[]
                {
                    KeyValuePair.Create("net.ipv4.ip_local_port_range", "32768 60999"),
                    KeyValuePair.Create("net.netfilter.nf_conntrack_max", "65536"),
                }.ToImmutableDictionary(),
                Lost = ["fs.file-max"],
                Unknown = ["net.ipv4.tcp_mem"],
                SetIn = new[]
                {
                    KeyValuePair.Create("net.netfilter.nf_conntrack_max", "/etc/sysctl.d/90-openclaw.conf"),
                }.ToImmutableDictionary(),
            }
        );
        machine.Fixture.Write("sys/net/ipv4/ip_local_port_range", "30000\t40098\n");
        machine.Fixture.Write("sys/net/ipv4/ip_local_reserved_ports", "30001-30100,35000\n");
        machine.Fixture.AddSockets(
            FakeKernel.Socket(TcpState.Listen, "0.0.0.0:31000", sent: 10),
            FakeKernel.Socket(TcpState.Listen, "0.0.0.0:30002", sent: 10)
        );
        return Fill(machine, 0.95, "conntrack_entries", "system_file_descriptors", "tcp_memory_bytes");
    }

    static async Task PoolGrows(RecordedMachine machine)
    {
        for (var i = 0; i < 20; i++)
        {
            await Fill(machine, 0.5 + (i * 0.02), "conntrack_entries");
            await Fill(machine, 0.9 - (i * 0.01), "system_file_descriptors");
            await machine.SampleAsync(TimeSpan.FromSeconds(30));
        }

        await Fill(machine, 0.9, "conntrack_entries");
    }

    /// <summary>
    /// Leaking processes with owners, names that could be taken for commands, sandboxes' limits, and a process that may
    /// not be inspected.
    /// </summary>
    static Task Processes(RecordedMachine machine)
    {
        machine.Fixture.AddProcess(11, "openclaw-gateway", "openclaw\0", 970, "1000");
        machine.Fixture.AddProcess(12, "evil<b>\e[31m", "evil\0", 940, "1000");
        machine.Fixture.AddProcess(13, "worker", "/usr/bin/worker\0", 77, "100");
        machine.Fixture.AddProcess(14, "sandbox", "sandbox\0", 5, "1");
        machine.Fixture.AddProcess(15, "huge", "huge\0", 31, "unlimited");
        machine.Fixture.Write("11/cgroup", "0::/system.slice/openclaw-gateway.service\n");
        machine.Fixture.Write("12/cgroup", $"0::/system.slice/docker-{new string('b', 64)}.scope\n");
        machine.Give(
            "watched_descriptors",
            new WatchedDescriptors(
                new Dictionary<int, Reading<DescriptorKinds>>
                {
                    [11] = new DescriptorKinds(900, 30, 20, 10, 10),
                    [4711] = new Missing(Absence.NotPermitted, "/proc/4711/fd: Permission denied"),
                }.ToImmutableDictionary()
            )
        );
        machine.Give(
            "descriptor_growth",
            new DescriptorGrowth(new[] { KeyValuePair.Create(11, 120.5) }.ToImmutableDictionary())
        );
        return Task.CompletedTask;
    }

    /// <summary>Sockets of every state, listeners, UDP, cgroups, bridges and queues.</summary>
    static Task Sockets(RecordedMachine machine)
    {
        var fixture = machine.Fixture;
        var states = Enum.GetValues<TcpState>().Where(static state => state != TcpState.Listen);
        fixture.AddSockets(
            states.Select(
                static (state, i) =>
                    FakeKernel.Socket(
                        state,
                        $"10.0.0.1:{40010 + i}",
                        "198.51.100.7:443",
                        timer: (byte)(i % 3),
                        expires: 1000,
                        cgroup: (ulong)(i % 2)
                    )
            )
        );
        fixture.AddSockets(
            Enumerable
                .Range(0, 60)
                .Select(static i =>
                    FakeKernel.Socket(
                        TcpState.Established,
                        $"10.0.0.1:{40030 + i}",
                        $"192.0.2.{i % 7}:443",
                        received: 100,
                        sent: 200,
                        cgroup: (ulong)(100 + (i % 9))
                    )
                )
        );
        fixture.AddSockets(FakeKernel.Socket(TcpState.Established, "[2001:db8::1]:40001", "[2001:db8::2]:443"));
        fixture.AddSockets(
            FakeKernel.Socket(TcpState.Listen, "127.0.0.1:18789", received: 480, sent: 511),
            FakeKernel.Socket(TcpState.Listen, "[::]:8443", isIPv6Only: false, received: 4, sent: 128),
            FakeKernel.Socket(TcpState.Listen, "127.0.0.1:8080", device: 1, received: 90, sent: 100)
        );
        fixture.AddDatagramSockets(
            Enumerable.Range(0, 80).Select(static i => FakeKernel.Socket((TcpState)7, $"0.0.0.0:{40000 + i}"))
        );
        machine.Give(
            "cgroup_paths",
            new CgroupPaths(
                Enumerable
                    .Range(100, 5)
                    .ToImmutableDictionary(static i => (ulong)i, static i => $"/system.slice/c{i}.service")
            )
        );
        machine.Give(
            "network_interfaces",
            new NetworkInterfaces([
                new(1, "lo", "", "", 0, 0, 0),
                new(2, "br-a", "bridge", "", 0, 0, 7),
                new(3, "br-b", "bridge", "", 0, 0, 8),
                .. Enumerable
                    .Range(10, 800)
                    .Select(static i => new NetworkInterface(
                        i,
                        $"veth{i}",
                        "veth",
                        "bridge",
                        2 + (i % 50 == 0 ? 1 : 0),
                        0,
                        (ulong)(i / 2)
                    )
                    {
                        IsDown = i % 3 == 0,
                    }),
            ])
        );
        machine.Give(
            "bridge_forwarding",
            new BridgeForwarding(new Dictionary<int, long> { [2] = 900, [3] = 20 }.ToImmutableDictionary())
        );
        machine.Give(
            "traffic_queues",
            new TrafficQueues([
                .. Enumerable
                    .Range(0, 9)
                    .Select(static i => new QueueNode(
                        10 + i,
                        "fq_codel",
                        new(1 << 16),
                        new(uint.MaxValue),
                        100 - i,
                        50 - i,
                        3000 * i
                    )),
            ])
        );
        return Task.CompletedTask;
    }

    /// <summary>Makes every counter of failures a multiple of its value for one failure.</summary>
    public static void WriteCounters(RecordedMachine machine, int failures)
    {
        string[] counters =
        [
            .. SymptomCatalogue
                .All.Where(static symptom => symptom.Source.Contains("TcpExt ", StringComparison.Ordinal))
                .Select(static symptom => symptom.Source.Split("TcpExt ")[1]),
        ];
        var fixture = machine.Fixture;
        fixture.Write(
            "thread-self/net/netstat",
            $"TcpExt: {string.Join(' ', counters)}\n"
                + $"TcpExt: {string.Join(' ', counters.Select((_, i) => failures * (i + 1)))}\n"
        );
        fixture.Write(
            "thread-self/net/snmp",
            $"Udp: RcvbufErrors SndbufErrors\nUdp: {31 * failures} {32 * failures}\n"
        );
        fixture.Write("thread-self/net/snmp6", $"Udp6RcvbufErrors {33 * failures}\nUdp6SndbufErrors {34 * failures}\n");
        fixture.Write("thread-self/net/softnet_stat", $"00000001 {35 * failures:x8} {36 * failures:x8} 00000000\n");
        fixture.Write(
            "thread-self/net/stat/nf_conntrack",
            "entries  clashres insert_failed drop early_drop chainlength\n"
                + $"{string.Join(' ', Enumerable.Range(41, 6).Select(i => $"{i * failures:x8}"))}\n"
        );
        fixture.Write("thread-self/net/stat/arp_cache", $"entries  table_fulls\n00000003 {51 * failures:x8}\n");
        fixture.Write("thread-self/net/stat/ndisc_cache", $"entries  table_fulls\n00000004 {52 * failures:x8}\n");
        fixture.Write(
            "thread-self/net/dev",
            "Inter-|   Receive                                                |  Transmit\n"
                + " face |bytes    packets errs drop fifo frame compressed multicast|"
                + "bytes    packets errs drop fifo colls carrier compressed\n"
                + string.Concat(
                    Enumerable
                        .Range(0, 9)
                        .Select(i =>
                            $"eth{i}: 1 2 3 {(61 + i) * failures} 5 6 7 8 9 10 11 {(81 + i) * failures} 13 14 15 16\n"
                        )
                )
        );
        machine.Give(
            "traffic_queues",
            new TrafficQueues([
                new(3, "tbf", new(1 << 16), new(uint.MaxValue), 101 * failures, 102 * failures, 103 * failures),
            ])
        );
    }
}
