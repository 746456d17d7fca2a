using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using OpenClaw.Kernel.Bpf;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>The round trips and retransmits of a destination are those that ss shows for its sockets.</summary>
public sealed partial class DestinationPathTests : IDisposable
{
    const int Port = 8080;
    const int Other = 8081;

    static readonly string Types = Path.Combine("/sys", Btf.File);

    readonly PrivateNamespace _netns = new();

    public void Dispose() => _netns.Dispose();

    [Fact]
    public void Round_trips_and_retransmits_are_those_of_ss_and_stay_counted_after_a_close()
    {
        using var program = TcpWalkProgram.Attach(Types).Value;
        var reader = Reader(program);
        using var pairs = new ConnectionPairs(_netns, Port);
        using var others = new ConnectionPairs(_netns, Other);
        for (var i = 0; i < 3; i++)
        {
            pairs.Connect();
            others.Connect();
        }

        Lose(() => pairs.Clients[0].Send([1]), atLeast: 2);
        var (first, all) = Read(reader);
        Assert.InRange(first.Retransmits, 2, 20);
        Assert.Equal(first.Retransmits, first.CountedRetransmits);
        Assert.Equal((0L, (long?)0), Counts(all[Other]));
        Assert.Equal(first, Read(reader).First);

        // Another one closes, and then the one that retransmitted. The open ones have none.
        pairs.Clients[2].Close();
        Assert.Equal(first.CountedRetransmits, Read(reader).First.CountedRetransmits);
        pairs.Clients[0].Close();
        Wait(() => Sum("retrans", Port) == 0);
        Assert.Equal((0L, first.CountedRetransmits), Counts(Read(reader).First));

        Lose(() => pairs.Clients[1].Send([1]), atLeast: 1);
        var second = Read(reader).First;
        Assert.InRange(second.Retransmits, 1, 20);
        Assert.Equal(first.CountedRetransmits + second.Retransmits, second.CountedRetransmits);
        Assert.Equal(second, Read(reader).First);

        // Another exporter counts for itself.
        using var again = TcpWalkProgram.Attach(Types).Value;
        Assert.Equal((second.Retransmits, (long?)second.Retransmits), Counts(Read(Reader(again)).First));
    }

    [Fact]
    public void Where_too_many_sockets_have_retransmits_only_the_counter_is_missing()
    {
        using var program = TcpWalkProgram.Attach(Types, TcpWalkMaps.Create(retransmits: 1)).Value;
        var reader = Reader(program);
        using var pairs = new ConnectionPairs(_netns, Port);
        using var others = new ConnectionPairs(_netns, Other);
        pairs.Connect();
        pairs.Connect();
        others.Connect();
        Lose(() => pairs.Clients[0].Send([1]), atLeast: 1);
        var first = Read(reader).First;
        Assert.Equal(first.Retransmits, first.CountedRetransmits);

        Lose(() => pairs.Clients[1].Send([1]), atLeast: 1);
        var second = Read(reader).First;

        Assert.InRange(second.Retransmits, first.Retransmits + 1, 40);
        Assert.Null(second.CountedRetransmits);
    }

    static (long, long?) Counts(DestinationPath path) => (path.Retransmits, path.CountedRetransmits);

    /// <summary>
    /// Sends while nothing arrives at the port, until ss shows retransmits, and waits for the answer.
    /// </summary>
    void Lose(Action send, int atLeast)
    {
        _netns.Command(
            "nft",
            "add table ip t; add chain ip t c { type filter hook input priority 0; }; "
                + $"add rule ip t c tcp dport {Port} drop"
        );
        var before = Sum("retrans", Port);
        send();
        Wait(() => Sum("retrans", Port) >= before + atLeast);
        _netns.Command("nft", "delete table ip t");
        Wait(() => !Ss(Port).Contains(" unacked:", StringComparison.Ordinal));
    }

    static void Wait(Func<bool> isReached) => Assert.True(SpinWait.SpinUntil(isReached, TimeSpan.FromSeconds(10)));

    /// <summary>
    /// Returns the path to the first port, and all of them, which are compared with ss. A late answer may change a
    /// round trip between the two, so ss shows the same before and after.
    /// </summary>
    (DestinationPath First, Dictionary<int, DestinationPath> All) Read(Reader<TcpSockets> reader)
    {
        for (var attempt = 0; ; attempt++)
        {
            var before = (Values("rtt", Port), Values("rtt", Other));
            var read = ReadOnce(reader);
            var after = (Values("rtt", Port), Values("rtt", Other));
            if (!before.Item1.SequenceEqual(after.Item1) || !before.Item2.SequenceEqual(after.Item2))
            {
                Assert.InRange(attempt, 0, 20);
                continue;
            }

            foreach (var (port, path) in read.All)
            {
                Assert.Equal(Sum("retrans", port), path.Retransmits);
                Assert.Equal(
                    TimeSpan.FromMilliseconds(Values("rtt", port).Average()).TotalMicroseconds,
                    path.RoundTrip!.Value.TotalMicroseconds,
                    tolerance: 1
                );
            }

            return read;
        }
    }

    (DestinationPath First, Dictionary<int, DestinationPath> All) ReadOnce(Reader<TcpSockets> reader)
    {
        ImmutableArray<Reader> readers =
        [
            .. KernelSampling.Readers().Where(static one => one.Name == "ephemeral_port_settings"),
            reader,
        ];
        var ports = _netns.Run(() =>
            SamplingPass.Read<TcpSockets>(readers, Deadline.After(TimeSpan.FromSeconds(20))).Value.Ports.Value
        );
        var paths = ports
            .Connect.Where(static use => use.Destination is { Port: Port or Other })
            .ToDictionary(static use => (int)use.Destination!.Value.Port, static use => use.Path!);
        Assert.Null(ports.Connect[^1].Path);
        return (paths[Port], paths);
    }

    double Sum(string key, int port) => Values(key, port).Sum();

    /// <summary>Returns the numbers behind a key: the mean of rtt, and all retransmits of retrans.</summary>
    ImmutableArray<double> Values(string key, int port) =>
        [
            .. SsValue()
                .Matches(Ss(port))
                .Where(match => match.Groups["key"].Value == key)
                .Select(match => match.Groups[key == "rtt" ? "first" : "second"].Value)
                .Select(static value => double.Parse(value, CultureInfo.InvariantCulture)),
        ];

    string Ss(int port) => _netns.Command("ss", "-tinHO", $"dport = :{port}");

    [GeneratedRegex(@" (?<key>rtt|retrans):(?<first>[0-9.]+)/(?<second>[0-9.]+)")]
    private static partial Regex SsValue();

    static Reader<TcpSockets> Reader(TcpWalkProgram program) =>
        SocketReaders.Tcp(
            new ProcMount(),
            static timeout => NetlinkSocket.OpenSockDiag(timeout).Select<INetlinkTransport>(static socket => socket),
            worst: 10,
            program: new(() => program),
            few: 0
        );
}
