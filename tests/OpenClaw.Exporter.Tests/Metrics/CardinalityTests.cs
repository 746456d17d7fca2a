using System.Collections.Immutable;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.KernelLog;
using OpenClaw.Kernel.Links;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Probe;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Refusals;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Sysctls;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

/// <summary>The number of series that an exporter exposes.</summary>
public class CardinalityTests(ITestOutputHelper output)
{
    const int Processes = 5_000;
    const int Listeners = 1_000;
    const int Destinations = 10_000;
    const int Cgroups = 500;
    const int Bridges = 6;
    const int Many = 1_000;
    const int SeriesAtMost = 800;
    const int QuietSeriesAtMost = 150;

    /// <summary>The room for a further pool or two.</summary>
    const int Room = 10;
    const int Full = 100;

    /// <summary>Two readings of a machine with thousands of everything, all of it full. They take seconds.</summary>
    static readonly Lazy<Task<(Snapshot Before, Snapshot After)>> Crowded = new(ReadCrowdedAsync);

    /// <summary>The utilisation of each pool of a further namespace, and whether every counter rises there.</summary>
    public static MatrixTheoryData<double, bool> States => new([0, 0.6, 0.8, 1], [false, true]);

    [Fact]
    public async Task A_machine_that_is_full_and_failing_has_at_most_800_series()
    {
        var (before, snapshot) = await Crowded.Value;
        Assert.Equal(Processes + 1, snapshot.Get<ProcessTable>().Value.Processes.Length);
        Assert.Equal(Destinations, snapshot.Get<TcpSockets>().Value[TcpState.Established]);

        var diagnosis = Diagnosis.Judge(snapshot, earlier: Diagnosis.Judge(before).Timeline);
        var families = MetricCatalogue
            .All.Select(family => (family.Name, Series: family.Read(diagnosis).Count()))
            .ToList();

        foreach (var (name, series) in families.OrderByDescending(static family => family.Series))
            output.WriteLine($"{series, 5} {name}");
        Assert.Empty(diagnosis.Failures);
        Assert.All(diagnosis.Pools.Where(static state => state.Pool.AtMost is not null), static state =>
            Assert.InRange(state.Levels.Value.Length, 1, state.Pool.AtMost!.Value)
        );

        // These families are empty here: one reports failures, two need a socket at the Gateway's port, three a server,
        // and the others need --netns.
        Assert.Equal(
            [
                "episodes_total",
                "exporter_dropped_log_lines_total",
                "exporter_refused_clients_total",
                "host_pool_contribution",
                "namespace_info",
                "namespaces_unused",
                "reader_absence",
                "service_port_taken",
                "service_port_unreserved",
            ],
            families
                .Where(static family => family.Series == 0)
                .Select(static family => family.Name["openclaw_network_".Length..])
                .Order()
        );
        var exceeded = families.Single(static family => family.Name == "openclaw_network_pool_exceeded_ratio").Series;
        Assert.Equal(
            families.Single(static family => family.Name == "openclaw_network_pool_utilization_ratio").Series,
            exceeded
        );
        Assert.InRange(families.Sum(static family => family.Series), 300, SeriesAtMost);
    }

    [Fact]
    public void The_readme_has_these_bounds() =>
        Assert.Contains(
            $"A quiet machine has at most {QuietSeriesAtMost} series. The first namespace of a host has 30 more, for "
                + "the pools of the whole machine. "
                + $"Where everything is full there are at most {SeriesAtMost}. "
                + $"Each further namespace adds at most {FurtherNamespaces.SeriesAtMost}.",
            File.ReadAllText(Repository.PathOf("README.md")),
            StringComparison.Ordinal
        );

    [Fact]
    public async Task A_quiet_machine_has_at_most_150_series()
    {
        using var machine = new RecordedMachine();
        await machine.SampleAsync();

        var exposition = Exposition.Publish(machine.Sampling.Diagnosis);

        foreach (var (family, samples) in exposition.Families.OrderByDescending(static family => family.Samples.Length))
            output.WriteLine($"{samples.Length, 5} {family.Name}");
        Assert.Empty(machine.Sampling.Diagnosis.Problems);
        Assert.InRange(exposition.Families.Sum(static family => family.Samples.Length), 100, QuietSeriesAtMost - Room);
    }

    /// <summary>Each has as many listeners, destinations, bridges and queues as the machine itself.</summary>
    [Fact]
    public async Task A_further_namespace_that_is_full_and_failing_has_at_most_50_series()
    {
        var (before, after) = await Crowded.Value;
        var diagnosis = Diagnosis.Judge(
            WithFurther(after, 10),
            earlier: Diagnosis.Judge(WithFurther(before, 10)).Timeline
        );

        var exposition = Exposition.Publish(diagnosis);

        Assert.Empty(exposition.Mistakes);
        var further = diagnosis.Namespaces.Skip(1).Select(static view => view.Name).ToList();
        Assert.Equal(10, further.Count);
        Assert.All(further, netns => Assert.InRange(SeriesOf(exposition, netns), 40, FurtherNamespaces.SeriesAtMost));
    }

    [Theory]
    [MemberData(nameof(States))]
    public async Task A_further_namespace_in_any_state_has_at_most_50_series_and_all_that_alerts_need(
        double ratio,
        bool isFailing
    )
    {
        using var machine = new RecordedMachine();
        var further = await AddFurtherAsync(machine, ratio, isFailing);
        var diagnosis = machine.Sampling.Diagnosis;

        var exposition = Exposition.Publish(diagnosis);

        Assert.Empty(exposition.Mistakes);
        Assert.All(further, netns =>
        {
            Assert.InRange(SeriesOf(exposition, netns), 30, FurtherNamespaces.SeriesAtMost);
            Assert.Equal(
                diagnosis
                    .Findings.Where(finding =>
                        finding.Level.Netns == netns && finding.Condition >= PoolCondition.Warning
                    )
                    .Select(static finding => finding.Pool.Name)
                    .Distinct()
                    .Order(),
                Values("pool_exceeded_ratio", "pool", netns)
            );
            Assert.Equal(
                diagnosis
                    .RecentFailures.Where(failure => failure.Netns == netns)
                    .Select(static failure => failure.Alert.Name)
                    .Order(),
                Values("failing_seconds", "alarm", netns)
            );
            Assert.Equal(isFailing, Values("failing_seconds", "alarm", netns).Any());
        });

        IEnumerable<string> Values(string family, string label, string netns) =>
            from entry in exposition.Families
            where entry.Family.Name == "openclaw_network_" + family
            from sample in entry.Samples
            where sample.Labels[entry.Family.Labels.IndexOf("netns")] == netns
            orderby sample.Labels[entry.Family.Labels.IndexOf(label)]
            select sample.Labels[entry.Family.Labels.IndexOf(label)];
    }

    /// <summary>Returns the number of series of a network namespace.</summary>
    static int SeriesOf(Exposition exposition, string netns) =>
        exposition
            .Families.Where(static family => family.Family.Labels.Contains("netns"))
            .Sum(family =>
                family.Samples.Count(sample => sample.Labels[family.Family.Labels.IndexOf("netns")] == netns)
            );

    static async Task<(Snapshot Before, Snapshot After)> ReadCrowdedAsync()
    {
        using var proc = new FixtureProc();
        for (var i = 0; i < Processes; i++)
            AddFullProcess(proc, 10_000 + i, i % 2 == 0 ? $"openclaw-{i:d5}" : $"other-{i}", i);
        return (await ReadAsync(1), await ReadAsync(2));

        Task<Snapshot> ReadAsync(int failures)
        {
            Fill(proc, failures);
            return WithPathsAsync(
                new Sampler(Readers(proc, failures), TimeProvider.System).SampleAsync(TimeSpan.FromSeconds(60))
            );
        }
    }

    /// <summary>
    /// Returns the same machine as the program in the kernel shows it: with a path to each destination.
    /// </summary>
    static async Task<Snapshot> WithPathsAsync(Task<Snapshot> reading)
    {
        var snapshot = await reading;
        return new(
            snapshot.Time,
            [
                .. snapshot.Runs.Select(static run =>
                    run is ReaderRun<TcpSockets> tcp
                        ? tcp with
                        {
                            Reading = tcp.Reading.Select(static sockets =>
                                sockets with
                                {
                                    Ports = sockets.Ports.Select(WithPaths),
                                }
                            ),
                        }
                        : run
                ),
            ]
        );
    }

    static EphemeralPorts WithPaths(EphemeralPorts ports) =>
        ports with
        {
            Connect =
            [
                .. ports.Connect.Select(static use =>
                    use.Destination is null ? use : use with { Path = new(TimeSpan.FromMilliseconds(3), 5, 5) }
                ),
            ],
        };

    /// <summary>Returns the same machine with further network namespaces, each with as much.</summary>
    static Snapshot WithFurther(Snapshot snapshot, int count)
    {
        var inside = new Readings([
            .. snapshot.Runs.Where(static run =>
                run.Reader.IsPerNamespace && run.Reader.ValueType != typeof(AllocationProbe)
            ),
        ]);
        var namespaces = snapshot
            .Get<NetworkNamespaces>()
            .Value.All.Where(static netns => !netns.IsOwn)
            .Take(count)
            .Select(netns => new NamespaceSnapshot(netns, inside, null));
        return new(
            snapshot.Time,
            [.. snapshot.Runs, Given(new NamespaceSnapshots([.. namespaces], Unused: 0, IncludesOwn: true)).RunHere()]
        );
    }

    /// <summary>Adds namespaces in which every pool is as full to a quiet machine. Returns their names.</summary>
    static async Task<ImmutableArray<string>> AddFurtherAsync(RecordedMachine machine, double ratio, bool isFailing)
    {
        var further = Enumerable
            .Range(1, 3)
            .Select(i => (Netns: RecordedSampling.Other($"n{i}", 4026532000 + (ulong)i), Inside: machine.AddInside()))
            .ToList();
        machine.Give(
            "network_namespaces",
            new NetworkNamespaces([
                RecordedSampling.Own(NetworkNamespaces.Host),
                .. further.Select(static entry => entry.Netns),
            ])
        );
        foreach (var (_, inside) in further)
            await RecordedMachines.Fill(inside, ratio, [.. FilledMachine.Pools]);

        for (var failures = 1; failures <= 3; failures++)
        {
            foreach (var (_, inside) in further)
                RecordedMachines.WriteCounters(inside, isFailing ? failures : 1);
            await machine.GiveNamespacesAsync(
                0,
                further.Select(static entry => (entry.Netns, entry.Inside.NamespaceReaders(), (Missing?)null))
            );
            await machine.SampleAsync(TimeSpan.FromMinutes(1));
        }

        return [.. further.Select(static entry => entry.Netns.Name)];
    }

    /// <summary>
    /// The processes that the exporter shows are full. Their limit is 64, since a lower one counts as a sandbox.
    /// </summary>
    static void AddFullProcess(FixtureProc proc, int pid, string name, int number) =>
        proc.AddProcess(pid, name, "", descriptors: number < Full ? 64 : 1, "64");

    static void Fill(FixtureProc proc, int failures)
    {
        proc["sys/fs/file-nr"] = "99\t0\t99\n";
        proc["sys/net/netfilter/nf_conntrack_count"] = "99\n";
        proc["sys/net/netfilter/nf_conntrack_max"] = "99\n";
        foreach (var limit in (string[])["tcp_max_tw_buckets", "tcp_max_orphans", "neigh/default/gc_thresh3"])
            proc["sys/net/ipv4/" + limit] = "99\n";
        proc["sys/net/ipv6/neigh/default/gc_thresh3"] = "99\n";
        proc["sys/net/core/somaxconn"] = "99\n";
        proc["sys/net/ipv4/tcp_mem"] = "1 2 99\n";
        proc["sys/net/ipv4/udp_mem"] = "1 2 99\n";
        proc["thread-self/net/sockstat"] =
            "sockets: used 99\nTCP: inuse 99 orphan 99 tw 99 alloc 99 mem 99\nUDP: inuse 99 mem 99\n";
        foreach (var cache in (string[])["arp_cache", "ndisc_cache"])
            proc["thread-self/net/stat/" + cache] = $"entries  table_fulls\n00000063 {failures:x8}\n";
        string[] counters =
        [
            .. SymptomCatalogue
                .All.Where(static symptom => symptom.Source.Contains("TcpExt ", StringComparison.Ordinal))
                .Select(static symptom => symptom.Source.Split("TcpExt ")[1]),
        ];
        proc["thread-self/net/netstat"] =
            $"TcpExt: {string.Join(' ', counters)}\nTcpExt: {string.Join(' ', counters.Select(_ => failures))}\n";
        proc["thread-self/net/snmp"] = $"Udp: RcvbufErrors SndbufErrors\nUdp: {failures} {failures}\n";
        proc["thread-self/net/snmp6"] = $"Udp6RcvbufErrors {failures}\nUdp6SndbufErrors {failures}\n";
        proc["thread-self/net/softnet_stat"] = $"00000001 {failures:x8} 00000001 00000000\n";
        proc["thread-self/net/stat/nf_conntrack"] =
            $"entries  clashres insert_failed drop early_drop chainlength\n"
            + $"{string.Concat(Enumerable.Repeat($"{failures:x8} ", 6))}\n";
        proc["thread-self/net/dev"] =
            "Inter-|   Receive                                                |  Transmit\n"
            + " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo "
            + "colls carrier compressed\n"
            + string.Concat(
                Enumerable.Range(0, Many).Select(static i => $"eth{i}: 1 2 3 {i} 5 6 7 8 9 10 11 {i} 13 14 15 16\n")
            );
        proc["4711/stat"] = "4711 (node) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 1000 0 0\n";
    }

    static ImmutableArray<Reader> Readers(FixtureProc proc, int failures)
    {
        // Each port of the range has its own destinations, and ten destinations use all ports.
        byte[][] sockets =
        [
            .. Enumerable
                .Range(1, Listeners)
                .Select(static port => FakeKernel.Socket(TcpState.Listen, $"0.0.0.0:{port}", received: 10, sent: 9)),
            .. Enumerable
                .Range(0, Destinations)
                .Select(static i =>
                    FakeKernel.Socket(
                        TcpState.Established,
                        $"10.0.{i / 100 % 20}.1:{40000 + (i % 100)}",
                        i < 3000 ? $"10.1.{i / 100}.1:443" : $"10.2.{i / 250}.{i % 250}:443",
                        cgroup: (ulong)(1 + (i % Cgroups))
                    )
                ),
            FakeKernel.Done(),
        ];
        byte[][] datagrams =
        [
            .. Enumerable
                .Range(0, 2000)
                .Select(static i => FakeKernel.Socket((TcpState)7, $"10.0.{i / 100}.1:{40000 + (i % 100)}")),
            FakeKernel.Done(),
        ];
        var real = KernelReaders.All(
            new ProcMount(proc.Root),
            new Regex("openclaw"),
            10,
            proc.Root,
            _ => new FakeKernel(
                (type, family) => Answer(type, family).Select(static datagram => (Reading<byte[]>)datagram)
            ),
            openNetfilter: static _ =>
                TranslatedConnections.Kernel(Full, Full, remotes: PoolCatalogue.SourcePorts.AtMost!.Value + 1)
        );
        byte[][] Answer(ushort type, byte family) =>
            (type, family) switch
            {
                (LinuxInetDiag.TCPDIAG_GETSOCK, _) => sockets,
                (_, SysSocket.AF_INET) => datagrams,
                _ => [FakeKernel.Done()],
            };
        ImmutableArray<Reader> made =
        [
            Given(
                new NetworkInterfaces([
                    .. Enumerable
                        .Range(1, Bridges)
                        .Select(static i => new NetworkInterface(i, $"br{i}", "bridge", "", 0, 0, 0)),
                    .. Enumerable
                        .Range(0, Bridges * NetworkInterfaces.BridgePortLimit)
                        .Select(static i => new NetworkInterface(
                            100 + i,
                            $"v{i}",
                            "veth",
                            "bridge",
                            1 + (i % Bridges),
                            0,
                            (ulong)(1 + (i / 2))
                        )),
                ])
            ),
            Given(
                new BridgeForwarding(
                    Enumerable.Range(1, Bridges).ToImmutableDictionary(static i => i, static i => (long)i)
                )
            ),
            Given(
                new TrafficQueues([
                    .. Enumerable
                        .Range(0, Many)
                        .Select(static i => new QueueNode(
                            100 + i,
                            "fq_codel",
                            new(1 << 16),
                            new(uint.MaxValue),
                            i,
                            i,
                            i
                        )),
                ])
            ),
            Given(
                new CgroupPaths(
                    Enumerable.Range(1, Cgroups).ToImmutableDictionary(static i => (ulong)i, static i => $"/c{i}")
                )
            ),
            new FunctionReader<WatchedCgroups>("watched_cgroups", "", static sampling => new WatchedCgroups(
                sampling
                    .Get<ProcessTable>()
                    .Value.Processes.Where(static process => process.IsWatched)
                    .OrderBy(static process => process.Pid)
                    .Select(static (process, i) => (process.Pid, Id: (ulong)(1 + i)))
                    .Take(Cgroups)
                    .ToImmutableDictionary(static process => process.Pid, static process => (Reading<ulong>)process.Id)
            ))
            {
                Needs = [typeof(ProcessTable)],
            },
            new FunctionReader<WatchedDescriptors>("watched_descriptors", "", static sampling => new WatchedDescriptors(
                sampling
                    .Get<ProcessTable>()
                    .Value.Processes.Where(static process => process.IsWatched)
                    .ToImmutableDictionary(
                        static process => process.Pid,
                        static _ => (Reading<DescriptorKinds>)new DescriptorKinds(1, 1, 1, 1, 1)
                    )
            ))
            {
                Needs = [typeof(ProcessTable)],
            },
            new FunctionReader<DescriptorGrowth>("descriptor_growth", "", static sampling => new DescriptorGrowth(
                sampling
                    .Get<ProcessTable>()
                    .Value.Processes.Where(static process => process.IsWatched)
                    .ToImmutableDictionary(static process => process.Pid, static _ => 60.0)
            ))
            {
                Needs = [typeof(ProcessTable)],
            },
            Given(
                new NetworkNamespaces([
                    new()
                    {
                        Name = "self",
                        IsOwn = true,
                        Identity = new(4, 1),
                    },
                    .. Enumerable
                        .Range(2, Many)
                        .Select(static i => new NetworkNamespace
                        {
                            Name = $"n{i}",
                            Identity = new(4, (ulong)i),
                            Abandoned = TimeSpan.FromHours(i),
                        }),
                ])
            ),
            Given(
                new PersistedSysctls(KernelReaders.Sysctls.ToImmutableDictionary(static key => key, static _ => false))
                {
                    Lost = [.. KernelReaders.Sysctls],
                }
            ),
            Given(KernelLog(failures)),
            Given(
                new RefusedConnects(
                    [
                        .. Enumerable
                            .Range(1, 10)
                            .Select(i => new RefusedConnect
                            {
                                Process = $"openclaw-{i}",
                                Pid = i,
                                Destination = new(System.Net.IPAddress.Loopback, i),
                                CgroupId = (ulong)i,
                                Count = failures,
                                Last = DateTimeOffset.UnixEpoch,
                            }),
                    ],
                    failures
                )
            ),
            Given(Log(failures)),
            Given(
                new AllocationProbe(
                    [
                        .. Enum.GetValues<ProbeOperation>()
                            .Select(static operation => new ProbeResult(operation, Errno.EADDRINUSE, default)),
                    ],
                    [
                        .. Enum.GetValues<ProbeOperation>()
                            .SelectMany(static operation =>
                                ((string[])["EADDRINUSE", "EMFILE", "ENOBUFS"]).Select(error => new ProbeErrors(
                                    operation,
                                    error,
                                    1
                                ))
                            ),
                    ]
                )
            ),
            Given(
                new ServiceConfiguration(
                    [.. Enumerable.Range(0, 200).Select(static i => new ServiceLimits($"openclaw-{2 * i:d5}", 1, 99))],
                    null
                )
            ),
            Given(
                new PoolPeaks(
                    PoolCatalogue
                        .All.Where(static pool => pool.Labels.IsEmpty)
                        .ToImmutableDictionary(static pool => pool, static _ => 1.0)
                )
            ),
            Given(new RuntimeStatus(true, "1.0", 5)),
            Given(
                new GatewayHealth(true, null)
                {
                    Readiness = new(true, [])
                    {
                        DelaySeconds = 0.02,
                        Utilization = 0.1,
                        UptimeSeconds = 60,
                    },
                }
            ),
        ];
        return [.. real.Where(reader => made.All(other => other.Name != reader.Name)), .. made];
    }

    /// <summary>The events as the reader of the kernel's log returns them, at its limit.</summary>
    static KernelLogEvents KernelLog(int failures) =>
        new(
            [
                .. Enumerable
                    .Range(0, LatestEvents.AtMost)
                    .Select(i => new KernelLogEvent(
                        (KernelLogKind)(i % Enum.GetValues<KernelLogKind>().Length),
                        i < Enum.GetValues<KernelLogKind>().Length ? null : 1UL,
                        DateTimeOffset.UtcNow.AddSeconds(failures)
                    )),
            ],
            1UL
        );

    static ClwErrors Log(int failures)
    {
        var log = new ClwLog(TimeProvider.System);
        for (var i = 0; i < failures * Many; i++)
        {
            var code = i % Many < ClwCodes.All.Length ? ClwCodes.All[i % Many] : $"clw-error-{i % Many}";
            log.Append(System.Text.Encoding.ASCII.GetBytes($"Error Code: {code}\n"));
        }

        log.Append("connect EADDRNOTAVAIL 10.0.0.5:443 - Local (0.0.0.0:0)\n"u8);
        return log.Errors;
    }

    static FunctionReader<T> Given<T>(T value) =>
        new(Names.GetValueOrDefault(typeof(T), typeof(T).Name), "", _ => value);

    /// <summary>The names of the readers that are replaced by given values.</summary>
    static readonly Dictionary<Type, string> Names = new()
    {
        [typeof(NetworkInterfaces)] = "network_interfaces",
        [typeof(BridgeForwarding)] = "bridge_forwarding",
        [typeof(TrafficQueues)] = "traffic_queues",
        [typeof(CgroupPaths)] = "cgroup_paths",
        [typeof(NetworkNamespaces)] = "network_namespaces",
        [typeof(PersistedSysctls)] = "persisted_sysctls",
        [typeof(KernelLogEvents)] = "kernel_log",
    };
}
