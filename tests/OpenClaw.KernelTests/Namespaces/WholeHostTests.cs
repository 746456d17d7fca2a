using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>
/// Tests one exporter for all network namespaces of the machine, including those of tests that run at the same time.
/// </summary>
public sealed class WholeHostTests : IDisposable
{
    const int Idle = 180;
    const int Busy = 20;
    const int Pairs = 10;
    const int Unread = 1000;
    const int TimeWaits = 713;

    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    readonly List<IDisposable> _holds = [];
    readonly List<string> _named = [];

    [Fact]
    public async Task Two_hundred_namespaces_are_each_seen_once_and_the_exhausted_one_is_found()
    {
        NameIdle(Idle);
        var busy = Enumerable.Range(0, Busy).Select(_ => Hold(BusyNamespace())).ToList();
        var exhausted = busy[7];
        exhausted.Sysctl("net.ipv4.ip_local_port_range", "40000 40019");
        using var listener = exhausted.Run(Listen);
        using var exhaustion = exhausted.Run(() => new PortExhaustion((System.Net.IPEndPoint)listener.LocalEndpoint));

        // The kernel still counts the netlink sockets of the command that made the idle ones.
        var sampler = new Sampler(Readers(), TimeProvider.System);
        var snapshot = await sampler.SampleAsync(Timeout);
        await Polling.UntilAsync("the idle namespaces have no socket", async () =>
        {
            snapshot = await sampler.SampleAsync(Timeout);
            return !snapshot
                .Get<NetworkNamespaces>()
                .Value.All.Any(netns => netns.Abandoned is null && _named.Contains(netns.Name));
        });
        var found = snapshot.Get<NetworkNamespaces>().Value.All;
        var inodes = busy.ToDictionary(InodeOf);

        Assert.Equal(found.Length, found.Select(static netns => netns.Name).Distinct().Count());
        Assert.Equal(_named, found.Select(static netns => netns.Name).Intersect(_named).Order(StringComparer.Ordinal));
        Assert.Equal(Busy, found.Count(netns => inodes.ContainsKey(netns.Inode ?? 0)));
        Assert.All(_named, name => Assert.NotNull(found.Single(netns => netns.Name == name).Abandoned));

        // Exactly one namespace is critical: the exhausted one, with the right subject and the right numbers.
        var diagnosis = Diagnosis.Judge(snapshot, namespacesShown: 10_000);
        var ours = inodes
            .Keys.Select(static inode => inode.ToString(CultureInfo.InvariantCulture))
            .Concat(_named)
            .ToHashSet();
        var worst = diagnosis.Findings.First(finding => ours.Contains(finding.Level.Netns));
        Assert.Equal(
            ("ephemeral_connect_ports", $"{InodeOf(exhausted)}", listener.LocalEndpoint.ToString()),
            (worst.Pool.Name, worst.Level.Netns, worst.Level.Subject)
        );
        Assert.Equal((20.0, 20.0), (worst.Level.Used, worst.Level.Limit));
        Assert.Single(
            diagnosis
                .Findings.Where(finding =>
                    finding.Condition == PoolCondition.Critical && ours.Contains(finding.Level.Netns)
                )
                .DistinctBy(static finding => finding.Level.Netns)
        );
        Assert.All(
            diagnosis.Namespaces.Where(view =>
                inodes.TryGetValue(view.Namespace?.Inode ?? 0, out var netns) && netns != exhausted
            ),
            static view => Assert.Equal(2 * Pairs, view.Get<TcpSockets>().Value[TcpState.Established])
        );

        var pid = found.Single(netns => netns.Inode == InodeOf(exhausted)).Pid!.Value;
        var info = Assert.Single(
            MetricCatalogue
                .All.Single(static family => family.Name == "openclaw_network_namespace_info")
                .Read(diagnosis),
            sample => sample.Labels[0] == $"{InodeOf(exhausted)}"
        );
        Assert.Equal([$"{InodeOf(exhausted)}", $"{InodeOf(exhausted)}", "", "", CgroupOf(pid)], info.Labels);

        // Unused namespaces have no series.
        Assert.DoesNotContain(diagnosis.Namespaces, view => _named.Contains(view.Name));
        Assert.InRange(snapshot.Get<NamespaceSnapshots>().Value.Unused, Idle, found.Length - Busy);
    }

    [Fact]
    public async Task The_namespaces_that_are_not_shown_are_in_the_sums()
    {
        for (var i = 0; i < 5; i++)
            Hold(BusyNamespace(timeWaits: 3));

        var snapshot = await new Sampler(Readers(), TimeProvider.System).SampleAsync(Timeout);
        var all = Diagnosis.Judge(snapshot, namespacesShown: 10_000);
        var few = Diagnosis.Judge(snapshot, namespacesShown: 2);

        Assert.Equal(3, few.Namespaces.Length);
        foreach (
            var name in (string[])
                [
                    "tcp_sockets",
                    "udp_sockets",
                    "host_pool_contribution",
                    "time_wait_sockets",
                    "conntrack_entries",
                    "veths",
                ]
        )
        {
            var family = MetricCatalogue.All.Single(family => family.Name == "openclaw_network_" + name);
            Assert.Equal(Sums(family, all), Sums(family, few));
            Assert.Contains(family.Read(few), static sample => sample.Labels[0] == "other");
            Assert.DoesNotContain(family.Read(all), static sample => sample.Labels[0] == "other");
        }

        Assert.InRange(
            Sums(
                MetricCatalogue.All.Single(static family => family.Name == "openclaw_network_host_pool_contribution"),
                few
            )["tcp_memory_bytes"],
            5 * Unread,
            double.MaxValue
        );

        Assert.InRange(
            few.Namespaces.Concat(few.OtherNamespaces).Sum(static view => view.Get<Sockstat>().Value.TimeWait),
            15,
            int.MaxValue
        );

        // A counter with a sum of the other namespaces would rise whenever a namespace joins them, and page without
        // cause.
        Assert.DoesNotContain(
            MetricCatalogue
                .All.Where(static family => family.Type == MetricType.Counter)
                .SelectMany(family => family.Read(few)),
            static sample => sample.Labels.Length > 0 && sample.Labels[0] == "other"
        );
    }

    [Fact]
    public void A_namespace_that_dies_during_its_turn_costs_nothing_else()
    {
        var dead = BusyNamespace();
        var alive = Hold(BusyNamespace());
        var before = SamplingPass.Read<NetworkNamespaces>(Readers(), Deadline.After(Timeout));
        var gone = InodeOf(dead);
        var thread = "/proc/" + dead.Run(static () => new FileInfo("/proc/thread-self").LinkTarget);
        dead.Dispose();

        // Join() returns when the code of the thread has ended. The thread, and with it the namespace, ends later.
        Assert.True(SpinWait.SpinUntil(() => !Directory.Exists(thread), Timeout));

        ImmutableArray<Reader> readers =
        [
            new FunctionReader<NetworkNamespaces>("network_namespaces", "", _ => before),
            .. Readers().Where(static reader => reader.Name == "namespace_snapshots"),
        ];
        var seen = SamplingPass.Read<NamespaceSnapshots>(readers, Deadline.After(Timeout)).Value.Used;

        Assert.DoesNotContain(seen, snapshot => snapshot.Namespace.Inode == gone);
        var other = Assert.Single(seen, snapshot => snapshot.Namespace.Inode == InodeOf(alive));
        Assert.Equal(2 * Pairs, other.Readings.Get<TcpSockets>().Value[TcpState.Established]);
    }

    /// <summary>
    /// The other end of a veth pair disappears when its namespace really ends, however often the exporter has read it.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_namespace_outlives_its_last_process(bool isBusy)
    {
        using var home = new PrivateNamespace();
        using var exporter = await PublishedExporter.StartAsync(home, "--netns=all", "--sampling.max-age=0s");
        var dying = isBusy ? BusyNamespace() : new PrivateNamespace();
        var pid = dying.Start(new("sleep", "600")).Id;
        home.Command(
            "ip",
            "link",
            "add",
            "here",
            "type",
            "veth",
            "peer",
            "name",
            "there",
            "netns",
            pid.ToString(CultureInfo.InvariantCulture)
        );
        var name = InodeOf(dying).ToString(CultureInfo.InvariantCulture);
        for (var i = 0; i < 20; i++)
        {
            var page = await exporter.ScrapeAsync();
            if (isBusy)
            {
                Assert.Contains(
                    $"openclaw_network_tcp_sockets{{netns=\"{name}\",state=\"established\"}} {2 * Pairs}",
                    page,
                    StringComparison.Ordinal
                );
            }
            else
            {
                Assert.InRange(Unused(page), 1, int.MaxValue);
            }
        }

        // The exporter keeps a descriptor open in an idle namespace, which must not keep the namespace alive.
        var files = OpenFilesOf(exporter.Process);
        Assert.Contains("/proc/sys/net/netfilter/nf_conntrack_count", files);

        dying.Dispose();

        await UntilAsync(() => !home.Command("ip", "-o", "link").Contains("here", StringComparison.Ordinal));
        var last = await exporter.ScrapeAsync();
        Assert.True(
            !last.Contains($"_sockets{{netns=\"{name}\"", StringComparison.Ordinal) || IsTakenAgain(name),
            "a namespace that is gone has series"
        );
    }

    /// <summary>Returns true where a namespace of another test got the inode: the kernel takes the lowest.</summary>
    static bool IsTakenAgain(string inode) =>
        Directory
            .EnumerateDirectories("/proc")
            .Where(static path => char.IsAsciiDigit(Path.GetFileName(path)[0]))
            .Any(path => new FileInfo(Path.Combine(path, "ns/net")).LinkTarget == $"net:[{inode}]");

    /// <summary>Checks the table of capabilities in deploy/README.md.</summary>
    [Theory]
    [InlineData("", false, false)]
    [InlineData("+net_admin", false, false)]
    [InlineData("+sys_ptrace", true, false)]
    [InlineData("+sys_ptrace,+sys_admin", true, true)]
    public async Task With_exactly_these_capabilities(string capabilities, bool seesInode, bool enters)
    {
        var netns = Hold(BusyNamespace(TimeWaits));
        netns.Command("sysctl", "-qw", "net.ipv4.ip_local_port_range=40000 40099");
        for (var i = 0; i < 5; i++)
            Hold(new PrivateNamespace()).Start(new("sleep", "600"));
        using var json = await DiagnoseAsync(capabilities);
        var missing = json
            .RootElement.GetProperty("missing")
            .EnumerateArray()
            .ToDictionary(
                static reader => reader.GetProperty("reader").GetString()!,
                static reader => reader.GetProperty("reason").GetString()
            );
        var name = NameOf(json, TimeWaits);
        var there = PoolsOf(json, name);

        // The sockets are counted once, from outside. Without the inode the namespace has another name, and a port
        // range is readable only from inside.
        Assert.Equal(seesInode, name == InodeOf(netns).ToString(CultureInfo.InvariantCulture));
        Assert.Contains("time_wait_sockets", there);
        Assert.Equal(enters, there.Contains("ephemeral_connect_ports"));
        Assert.Equal(enters ? null : "not_permitted", missing.GetValueOrDefault("namespace_snapshots"));
        Assert.Equal(seesInode ? null : "not_permitted", missing.GetValueOrDefault("network_namespaces"));
        Assert.DoesNotContain("tcp_sockets", missing);
    }

    /// <summary>Unused namespaces are recognised from outside too.</summary>
    [Fact]
    public async Task Without_capabilities_unused_namespaces_are_counted()
    {
        const int Quiet = 10;
        for (var i = 0; i < Quiet; i++)
            Hold(new PrivateNamespace()).Start(new("sleep", "600"));
        using var home = new PrivateNamespace();
        using var folder = new TemporaryFolder();
        home.Start(Unprivileged(folder, "", $"--web.listen-address=127.0.0.1:{PublishedExporter.Port}", "--netns=all"));
        using var client = home.HttpClient();
        var page = "";
        await Polling.UntilAsync("it answers", async () =>
            (page = await client.GetStringAsync($"http://127.0.0.1:{PublishedExporter.Port}/metrics")).Length > 0
        );

        Assert.InRange(Unused(page), Quiet, int.MaxValue);

        // An unreadable process could be in a named namespace. So no namespace is known to be leaked, which is not the
        // same as 0.
        Assert.DoesNotContain("\nopenclaw_network_namespaces_leaked ", page, StringComparison.Ordinal);
    }

    /// <summary>
    /// A readable process, of the exporter's own user, tells the namespace of unreadable ones. It is one namespace, not
    /// two.
    /// </summary>
    [Fact]
    public async Task A_process_that_may_be_looked_at_names_the_namespace_of_those_that_may_not()
    {
        var netns = Hold(BusyNamespace(TimeWaits + 1));
        netns.Start(new("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "sleep", "600"]));
        using var json = await DiagnoseAsync("");

        Assert.Equal(InodeOf(netns).ToString(CultureInfo.InvariantCulture), NameOf(json, TimeWaits + 1));
    }

    public void Dispose()
    {
        foreach (var hold in _holds)
            hold.Dispose();
        if (_named.Count > 0)
            IpBatch("del");
    }

    static async Task<JsonDocument> DiagnoseAsync(string capabilities)
    {
        using var folder = new TemporaryFolder();
        using var process = ChildProcess.Start(
            Unprivileged(folder, capabilities, "diagnose", "--netns=all", "--netns.worst=10000", "--format=json")
        );
        return JsonDocument.Parse(await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Starts the exporter as nobody with exactly these capabilities.</summary>
    static ProcessStartInfo Unprivileged(TemporaryFolder folder, string capabilities, params string[] arguments)
    {
        string[] caps =
            capabilities.Length == 0 ? [] : [$"--inh-caps=-all,{capabilities}", $"--ambient-caps=-all,{capabilities}"];
        File.SetUnixFileMode(folder.PathOf(""), (UnixFileMode)0b111_101_101);
        var program = folder.CopyProgram(Repository.PublishedExporter, "openclaw-exporter");
        return new(
            "setpriv",
            [
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                $"--bounding-set=-all{(capabilities.Length > 0 ? "," : "")}{capabilities}",
                .. caps,
                program,
                .. arguments,
            ]
        )
        {
            RedirectStandardOutput = true,
        };
    }

    /// <summary>The name of the only namespace with this many sockets in TIME_WAIT.</summary>
    static string NameOf(JsonDocument json, int timeWaits) =>
        Assert
            .Single(json.RootElement.GetProperty("pools").EnumerateArray(), pool =>
                pool.GetProperty("pool").GetString() == "time_wait_sockets"
                && pool.GetProperty("used").GetDouble() == timeWaits
            )
            .GetProperty("netns")
            .GetString()!;

    static HashSet<string?> PoolsOf(JsonDocument json, string netns) =>
        [
            .. json
                .RootElement.GetProperty("pools")
                .EnumerateArray()
                .Where(pool => pool.GetProperty("netns").GetString() == netns)
                .Select(static pool => pool.GetProperty("pool").GetString()),
        ];

    /// <summary>The path of a process in cgroup v2.</summary>
    static string CgroupOf(int pid) =>
        File.ReadLines($"/proc/{pid}/cgroup").Single(static line => line.StartsWith("0::", StringComparison.Ordinal))[
            3..
        ];

    static int Unused(string page) =>
        int.Parse(
            Regex.Match(page, @"^openclaw_network_namespaces_unused (\d+)$", RegexOptions.Multiline).Groups[1].Value,
            CultureInfo.InvariantCulture
        );

    static List<string?> OpenFilesOf(Process process) =>
        [.. Directory.EnumerateFiles($"/proc/{process.Id}/fd").Select(static file => new FileInfo(file).LinkTarget)];

    static ImmutableArray<Reader> Readers() =>
        KernelReaders.All(new ProcMount(), new Regex("whole-host"), worst: 10, namespaces: new());

    static ulong InodeOf(PrivateNamespace netns) =>
        netns.Run(static () => FileIdentity.Read("/proc/thread-self/ns/net").Value.Inode);

    static Dictionary<string, double> Sums(MetricFamily family, Diagnosis diagnosis) =>
        family
            .Read(diagnosis)
            .GroupBy(static sample => string.Join(' ', sample.Labels.Skip(1)))
            .ToDictionary(static same => same.Key, static same => same.Sum(static sample => sample.Value));

    static System.Net.Sockets.TcpListener Listen()
    {
        var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 8080);
        listener.Start(100);
        return listener;
    }

    static async Task UntilAsync(Func<bool> condition)
    {
        var start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Timeout, "it did not happen in time");
            await Task.Delay(100);
        }
    }

    /// <summary>A namespace with a process and some connections, like a container's.</summary>
    /// <param name="timeWaits">The number of further connections, now in TIME_WAIT.</param>
    static PrivateNamespace BusyNamespace(int timeWaits = 0)
    {
        var netns = new PrivateNamespace();
        netns.Start(new("sleep", "600"));
        var pairs = new ConnectionPairs(netns, 8000);
        for (var i = 0; i < timeWaits; i++)
            pairs.ConnectAndClose();
        for (var i = 0; i < Pairs; i++)
            pairs.Connect();

        // Unread bytes are this namespace's share of the machine's socket memory.
        pairs.Clients[0].Send(new byte[Unread]);
        netns.Attach(pairs);
        return netns;
    }

    PrivateNamespace Hold(PrivateNamespace netns)
    {
        _holds.Add(netns);
        return netns;
    }

    void NameIdle(int count)
    {
        var prefix = "ocx" + Guid.NewGuid().ToString("N")[..8];
        _named.AddRange(Enumerable.Range(0, count).Select(i => $"{prefix}-{i:000}"));
        IpBatch("add");
    }

    void IpBatch(string verb)
    {
        using var folder = new TemporaryFolder();
        using var ip = ChildProcess.Start(
            new("ip", ["-batch", folder.Write("batch", string.Concat(_named.Select(name => $"netns {verb} {name}\n")))])
        );
        ip.WaitForExit();
        Assert.Equal(0, ip.ExitCode);
    }
}
