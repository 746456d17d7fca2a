using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Refusals;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.KernelTests;

/// <summary>The program in the kernel counts each connect() that finds no port, and no other failure.</summary>
public class RefusedConnectTests
{
    const int Range = 10;

    static readonly (string Way, string Address, string Shown)[] Ways =
    [
        ("blocking", "127.0.0.1", "127.0.0.1"),
        ("blocking", "::1", "[::1]"),
        ("blocking", "::ffff:127.0.0.2", "127.0.0.2"),
        ("mptcp", "127.0.0.1", "127.0.0.1"),
        ("nonblocking", "127.0.0.1", "127.0.0.1"),
        ("twice", "127.0.0.1", "127.0.0.1"),
        ("fastopen", "127.0.0.1", "127.0.0.1"),
    ];

    [Fact]
    public void Each_refused_call_counts_once_by_process_and_destination_in_three_namespaces()
    {
        var readers = KernelSampling.Readers();
        _ = Read(readers);
        var spaces = Enumerable.Range(0, 3).Select(static _ => Narrow()).ToList();
        try
        {
            var expected = new List<(string Process, string Destination, long Count, int Pid)>[spaces.Count];
            foreach (var (i, netns) in spaces.Index())
            {
                expected[i] = [];
                foreach (var (place, (way, address, shown)) in Ways.Index())
                {
                    var (name, port, count) = ($"client-{i}-{place}", 9000 + place, 3 + i + place);
                    Listen(netns, port);
                    var program = ConnectingProgram.Start(netns, name, way, address, port, count);
                    expected[i].Add((name, $"{shown}:{port}", count, program.Id));
                    Assert.Equal(count, program.Refused());
                }
            }

            var counted = Read(readers);

            foreach (var (i, netns) in spaces.Index())
            {
                var refused = counted[IdentityOf(netns)].Value;
                Assert.Equal(0, refused.Others);
                Assert.Equal(
                    expected[i].Order(),
                    refused
                        .Worst.Select(static worst =>
                            (worst.Process, worst.Destination.ToString(), worst.Count, worst.Pid)
                        )
                        .Order()
                );
                Assert.All(refused.Worst, static worst =>
                    Assert.InRange(DateTimeOffset.UtcNow - worst.Last, TimeSpan.Zero, TimeSpan.FromSeconds(60))
                );
            }
        }
        finally
        {
            spaces.ForEach(static netns => netns.Dispose());
        }
    }

    [Fact]
    public void Other_failures_of_connect_are_not_counted()
    {
        using var netns = Narrow();
        var readers = KernelSampling.Readers();
        _ = Read(readers);
        Listen(netns, 9000);
        netns.Sysctl("net.ipv4.tcp_syn_retries", "1");
        netns.Command("ip", "link", "add", "silent", "type", "veth", "peer", "name", "nobody");
        netns.Command("ip", "address", "add", "10.77.0.1/24", "dev", "silent");
        netns.Command("ip", "link", "set", "silent", "up");
        netns.Command("ip", "link", "set", "nobody", "up");
        netns.Command("ip", "neighbour", "add", "10.77.0.2", "lladdr", "02:00:00:00:00:02", "dev", "silent");

        var output = netns.Command("perl", "-e", OtherFailures);

        Assert.Equal(
            "refused by the peer: ECONNREFUSED\n"
                + "bound to a pair that is in use: EADDRNOTAVAIL\n"
                + "no route: ENETUNREACH\n"
                + "closed: EINPROGRESS\n"
                + "disconnected: EINPROGRESS\n"
                + "shut down: EINPROGRESS\n"
                + "timed out: ETIMEDOUT\n",
            output
        );
        Assert.Equal(RefusedConnects.None, Read(readers)[IdentityOf(netns)].Value);
        Assert.Equal(2, ConnectingProgram.Start(netns, "last", "blocking", "127.0.0.1", 9000, 2).Refused());
        Assert.Equal(2, Assert.Single(Read(readers)[IdentityOf(netns)].Value.Worst).Count);
    }

    const string OtherFailures = """
        use Socket qw(:all); use Errno; $| = 1;
        sub fresh { socket(my $s, AF_INET, SOCK_STREAM | ($_[0] // 0), 6) or die; $s }
        sub to { pack_sockaddr_in($_[1], inet_aton($_[0])) }
        my %names = map { Errno->can($_)->() => $_ }
            qw(ECONNREFUSED EADDRNOTAVAIL ENETUNREACH EINPROGRESS ETIMEDOUT);
        sub show { my ($what, $done) = @_; print "$what: ", $done ? "done" : $names{$! + 0} // "$!", "\n" }
        my $s = fresh(); show("refused by the peer", connect($s, to("127.0.0.1", 1)));
        my @pair = map { my $p = fresh(); setsockopt($p, SOL_SOCKET, SO_REUSEADDR, 1);
            bind($p, to("127.0.0.1", 45000)) or die "bind: $!"; $p } 1, 2;
        connect($pair[0], to("127.0.0.1", 9000)) or die "connect: $!";
        show("bound to a pair that is in use", connect($pair[1], to("127.0.0.1", 9000)));
        $s = fresh(); show("no route", connect($s, to("192.0.2.1", 80)));
        $s = fresh(0x800); show("closed", connect($s, to("10.77.0.2", 80))); close $s;
        $s = fresh(0x800); show("disconnected", connect($s, to("10.77.0.2", 80))); connect($s, pack("S x14", 0)) or die;
        $s = fresh(0x800); show("shut down", connect($s, to("10.77.0.2", 80))); shutdown($s, 2);
        $s = fresh(); show("timed out", connect($s, to("10.77.0.2", 80)));
        """;

    static PrivateNamespace Narrow()
    {
        var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", $"40000 {40000 + Range - 1}");
        netns.Sysctl("net.ipv4.tcp_fastopen", "1");
        return netns;
    }

    static void Listen(PrivateNamespace netns, int port) =>
        netns.Attach(
            netns.Run(() =>
            {
                var listener = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp)
                {
                    DualMode = true,
                };
                listener.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
                listener.Listen(4 * Range);
                return listener;
            })
        );

    static IReadOnlyDictionary<FileIdentity, Reading<RefusedConnects>> Read(ImmutableArray<Reader> readers) =>
        SamplingPass.Read<ByNamespace<RefusedConnects>>(readers, Deadline.After(TimeSpan.FromSeconds(30))).Value.Values;

    static FileIdentity IdentityOf(PrivateNamespace netns) =>
        netns.Run(static () => FileIdentity.Read("/proc/thread-self/ns/net").Value);
}
