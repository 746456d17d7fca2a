using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Probe;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.KernelTests;

public class AllocationProbeTests
{
    const int RangeSize = 40;

    [Fact]
    public void Every_operation_succeeds_while_there_is_room()
    {
        using var netns = new PrivateNamespace();

        var probe = netns.Read<AllocationProbe>(Readers()).Value;

        Assert.Equal(
            Enum.GetValues<ProbeOperation>().Order(),
            probe.Results.Select(static result => result.Operation).Order()
        );
        Assert.All(probe.Results, static result => Assert.Equal(0, result.Error));
        Assert.Empty(probe.Errors);
    }

    [Fact]
    public void It_leaves_no_socket_and_is_in_no_dump()
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40039");
        var readers = Readers();
        for (var i = 0; i < 500; i++)
        {
            (TcpSockets Tcp, UdpSockets Udp) Look() =>
                netns.Run(() =>
                {
                    // The probe has its own thread, which is in the namespace of the thread that starts it.
                    using var sampler = new Sampler(readers, TimeProvider.System);
                    var snapshot = sampler.SampleAsync(TimeSpan.FromSeconds(10)).GetAwaiter().GetResult();
                    Assert.True(snapshot.Get<AllocationProbe>().TryGet(out _));
                    return (snapshot.Get<TcpSockets>().Value, snapshot.Get<UdpSockets>().Value);
                });

            // A child process of a concurrent test would hold the probe's sockets until its exec.
            TcpSockets tcp;
            UdpSockets udp;
            lock (ChildProcess.Forking)
                (tcp, udp) = Look();

            Assert.All(tcp.States, static count => Assert.Equal(0, count));
            Assert.All(tcp.Ports.Value.Bind, static row => Assert.Equal(0, row.Used));
            Assert.Equal(0, udp.Count);
        }

        Assert.Empty(netns.Read<AllocationProbe>(readers).Value.Errors);
    }

    [Fact]
    public void Without_a_free_port_bind_fails_with_EADDRINUSE()
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40039");
        var readers = Readers();
        var sockets = netns.Run(() =>
            BindAll(SocketType.Stream, leave: 0).Concat(BindAll(SocketType.Dgram, leave: 0)).ToList()
        );

        var probe = netns.Read<AllocationProbe>(readers).Value;

        Assert.Equal(
            [
                (ProbeOperation.Socket, 0),
                (ProbeOperation.UdpBind, RawSocket.EADDRINUSE),
                (ProbeOperation.TcpBind, RawSocket.EADDRINUSE),
            ],
            probe.Results.Select(static result => (result.Operation, result.Error))
        );
        Assert.Equal(
            new Dictionary<ProbeOperation, (string, long)>
            {
                [ProbeOperation.TcpBind] = ("EADDRINUSE", 1),
                [ProbeOperation.UdpBind] = ("EADDRINUSE", 1),
            },
            probe.Errors.ToDictionary(static errors => errors.Operation, static errors => (errors.Error, errors.Count))
        );

        // The count stays, and the state recovers.
        sockets.ForEach(static socket => socket.Dispose());
        var later = netns.Read<AllocationProbe>(readers).Value;
        Assert.All(later.Results, static result => Assert.Equal(0, result.Error));
        Assert.All(later.Errors, static errors => Assert.Equal(1, errors.Count));
    }

    [Fact]
    public void Without_a_port_beside_the_listeners_connect_fails_with_EADDRNOTAVAIL()
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40039");
        var sockets = netns.Run(() => BindAll(SocketType.Stream, leave: 1));

        var probe = netns.Read<AllocationProbe>(Readers()).Value;

        Assert.Equal(0, probe.Results.Single(static result => result.Operation == ProbeOperation.TcpBind).Error);
        Assert.Equal(
            RawSocket.EADDRNOTAVAIL,
            probe.Results.Single(static result => result.Operation == ProbeOperation.Connect).Error
        );
        Assert.Equal("EADDRNOTAVAIL", Assert.Single(probe.Errors).Error);
        sockets.ForEach(static socket => socket.Dispose());
    }

    /// <summary>bind() and connect() fail then with EADDRNOTAVAIL, ENETUNREACH or a time-out.</summary>
    [Theory]
    [InlineData(false, "lo is down")]
    [InlineData(false, "lo is down", "link add v0 type veth peer name v1", "addr add 10.9.0.1/24 dev v0")]
    [InlineData(true, "lo is down", "link set lo down")]
    [InlineData(true, "no interface has the address 127.0.0.1", "addr del 127.0.0.1/8 dev lo")]
    [InlineData(
        true,
        "no interface has the address 127.0.0.1",
        "addr del 127.0.0.1/8 dev lo",
        "addr add 127.0.0.2/32 dev lo"
    )]
    public void Without_loopback_the_probe_does_not_apply(bool hasLoopback, string reason, params string[] commands)
    {
        using var netns = new PrivateNamespace(hasLoopback);
        netns.Batch(commands);

        var snapshot = netns.Run(static () => Readers().SnapshotHere());

        var probe = snapshot.Get<AllocationProbe>();
        Assert.Equal(Outcome.None, probe.Outcome);
        Assert.Contains(reason, probe.Missing!.Detail, StringComparison.Ordinal);
        var diagnosis = Diagnosis.Judge(snapshot);
        Assert.DoesNotContain(diagnosis.Symptoms, static failure =>
            failure.Symptom.Name.StartsWith("probe_", StringComparison.Ordinal)
        );

        // A process of another test may be near its limit of descriptors.
        Assert.DoesNotContain(diagnosis.Problems, static problem =>
            problem.Worst?.Pool != PoolCatalogue.ProcessFileDescriptors
            && problem.Codes.Contains(ClwCodes.NetworkExhausted)
        );
    }

    /// <summary>Rules of routing and firewalls refuse loopback. No port, descriptor or memory is lacking.</summary>
    [Theory]
    [InlineData(
        "ECONNREFUSED",
        "nft",
        "add table ip t; add chain ip t i { type filter hook input priority 0; }; add rule ip t i tcp flags "
            + "& (syn|ack) == syn reject"
    )]
    [InlineData(
        "ENETUNREACH",
        "ip",
        "rule add pref 1 to 127.0.0.0/8 unreachable",
        "rule add pref 10 lookup local",
        "rule del pref 0"
    )]
    [InlineData(
        "EACCES",
        "ip",
        "rule add pref 1 to 127.0.0.0/8 prohibit",
        "rule add pref 10 lookup local",
        "rule del pref 0"
    )]
    [InlineData(
        "EINVAL",
        "ip",
        "rule add pref 1 to 127.0.0.0/8 blackhole",
        "rule add pref 10 lookup local",
        "rule del pref 0"
    )]
    [InlineData("EADDRNOTAVAIL", "ip", "route flush table local")]
    public void A_refusal_without_a_lack_is_no_exhaustion(string error, string program, params string[] commands)
    {
        using var netns = new PrivateNamespace();
        foreach (var command in commands)
            netns.Command(InstalledProgram.Find(program), program == "nft" ? [command] : command.Split(' '));

        var snapshot = netns.Run(static () => Readers().SnapshotHere());

        Assert.Contains(
            $"fails with {error}: ",
            snapshot.FailureOf<AllocationProbe>()!.Detail,
            StringComparison.Ordinal
        );
        var diagnosis = Diagnosis.Judge(snapshot);
        Assert.DoesNotContain(diagnosis.Symptoms, static failure => failure.Symptom.Name == "probe_success");
        Assert.All(snapshot.Get<AllocationProbe>().Value.Results, static result => Assert.Equal(0, result.Error));
    }

    [Fact]
    public void Another_address_of_the_network_of_loopback_is_enough()
    {
        using var netns = new PrivateNamespace();
        netns.Batch("addr del 127.0.0.1/8 dev lo", "addr add 127.0.0.2/8 dev lo");

        Assert.All(netns.Read<AllocationProbe>(Readers()).Value.Results, static result =>
            Assert.Equal(0, result.Error)
        );
    }

    [Fact]
    [Provokes("probe_success", "probe_duration_seconds", "probe_errors_total")]
    public void A_connection_that_is_not_answered_takes_as_long_as_the_probe_waits()
    {
        using var netns = new PrivateNamespace();
        netns.Command(
            InstalledProgram.Find("nft"),
            "add table ip t; add chain ip t i { type filter hook input priority 0; }; add rule ip t i tcp flags "
                + "& syn == syn drop"
        );

        var snapshot = netns.Run(static () =>
        {
            var probe = KernelReaders.AllocationProbe();
            return ImmutableArray.Create(probe).SnapshotHere();
        });

        Assert.Equal(
            new Dictionary<string, double>
            {
                ["socket"] = 1,
                ["udp_bind"] = 1,
                ["tcp_bind"] = 1,
                ["connect"] = 0,
            },
            snapshot.Symptom("probe_success")
        );
        Assert.InRange(snapshot.Symptom("probe_duration_seconds")["connect"], 1, 1.9);
        Assert.Equal(
            new Dictionary<string, double> { ["connect ETIMEDOUT"] = 1 },
            snapshot.Symptom("probe_errors_total")
        );
    }

    [Fact]
    [Provokes("probe_success", "probe_errors_total")]
    public async Task The_published_exporter_without_a_free_descriptor_says_EMFILE()
    {
        var prlimit = InstalledProgram.Find("prlimit");
        using var netns = new PrivateNamespace();
        using var exporter = await PublishedExporter.StartAsync(netns, "--sampling.max-age=0s");
        var page = await exporter.ScrapeAsync();
        Assert.Contains(
            "openclaw_network_probe_success{netns=\"self\",operation=\"connect\"} 1\n",
            page,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("openclaw_network_probe_errors_total{", page, StringComparison.Ordinal);

        // A request over the open connection is still answered.
        var before = Limit(exporter.Process.Id);
        Prlimit(FirstFree(exporter.Process.Id).ToString(CultureInfo.InvariantCulture));
        page = await exporter.ScrapeAsync();
        Prlimit(before);

        Assert.Contains(
            "openclaw_network_probe_success{netns=\"self\",operation=\"socket\"} 0\n",
            page,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "openclaw_network_probe_errors_total{netns=\"self\",operation=\"socket\",errno=\"EMFILE\"} 1\n",
            page,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "openclaw_network_probe_success{netns=\"self\",operation=\"socket\"} 1\n",
            await exporter.ScrapeAsync(),
            StringComparison.Ordinal
        );

        void Prlimit(string soft) =>
            netns.Command(
                prlimit,
                "--pid",
                exporter.Process.Id.ToString(CultureInfo.InvariantCulture),
                $"--nofile={soft}:"
            );
    }

    [Fact]
    public async Task No_probe_no_series()
    {
        using var netns = new PrivateNamespace();
        using var exporter = await PublishedExporter.StartAsync(netns, "--no-probe");

        Assert.DoesNotContain("openclaw_network_probe_", await exporter.ScrapeAsync(), StringComparison.Ordinal);
    }

    static ImmutableArray<Reader> Readers() => KernelSampling.Readers().Add(KernelReaders.AllocationProbe());

    /// <summary>Binds all ports of the range except some.</summary>
    static List<RawSocket> BindAll(SocketType type, int leave)
    {
        var sockets = new List<RawSocket>();
        for (var i = 0; i < RangeSize - leave; i++)
        {
            sockets.Add(RawSocket.Open(type, isIPv6: false));
            Assert.Equal(0, sockets[^1].Bind(IPAddress.Any, 0));
        }

        return sockets;
    }

    static string Limit(int process) =>
        File.ReadLines($"/proc/{process}/limits")
            .Single(static line => line.StartsWith("Max open files", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];

    static int FirstFree(int process)
    {
        var open = Directory
            .GetFileSystemEntries($"/proc/{process}/fd")
            .Select(static path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture))
            .ToHashSet();
        return Enumerable.Range(0, int.MaxValue).First(number => !open.Contains(number));
    }
}
