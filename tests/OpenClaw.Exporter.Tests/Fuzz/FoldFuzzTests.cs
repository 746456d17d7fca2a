using System.Diagnostics;
using CsCheck;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.Holders;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Links;
using OpenClaw.Kernel.Neighbours;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Tests;

/// <summary>Dumps with changed messages end in time, with a possible value or with a reason.</summary>
public class FoldFuzzTests
{
    const int Iterations = 400;

    static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(20);

    /// <summary>The folds by their names, each with messages that it reads.</summary>
    static readonly Dictionary<string, (Func<INetlinkFold> Start, byte[][] Payloads)> Folds = new()
    {
        ["SocketFold"] = (
            static () => new SocketFold(isTcp: true, worst: 10),
            [
                FakeKernel.Socket(TcpState.Listen, "[::]:80", isIPv6Only: true, cgroup: 77)[16..],
                FakeKernel.Socket(TcpState.Established, "10.0.0.1:443", "192.0.2.1:50000", cgroup: 77)[16..],
            ]
        ),
        ["HolderFold"] = (
            static () =>
                new HolderFold(
                    [
                        new(new BlockingGroup(), 0),
                        new(new BindGroup(IsTcp: true, SocketAddress.AnyIPv4), 1),
                        new(new ListenerGroup(SocketAddress.AnyIPv6, 80, 0), 2),
                        new(new QueueGroup(IsTcp: true), 3),
                        new(new OrphanGroup(), 4),
                    ],
                    new SocketBuffer(),
                    new(1, ushort.MaxValue, new PortSet(), default, default, default)
                ),
            [
                FakeKernel.Socket(TcpState.Listen, "[::]:80", cgroup: 77)[16..],
                FakeKernel.Socket(TcpState.TimeWait, "10.0.0.1:443", "192.0.2.1:50000")[16..],
                FakeKernel.Socket(TcpState.Close, "10.0.0.1:443", cgroup: 77)[16..],
            ]
        ),
        ["NetworkInterfaceFold"] = (static () => new NetworkInterfaceFold(), [Link(), Link()]),
        ["TrafficQueueFold"] = (static () => new TrafficQueueFold(), [Queue()]),
        ["BridgeForwardingFold"] = (static () => new BridgeForwardingFold(), [Neighbour()]),
        ["NeighbourFold"] = (static () => new NeighbourFold(), [Neighbour()]),
        ["TrackedConnectionFold"] = (
            static () => new TrackedConnectionFold(),
            [
                Convert.FromHexString(TranslatedConnections.Entry),
                Convert.FromHexString(TranslatedConnections.EntryOfIPv6),
            ]
        ),
        ["TranslationRuleFold"] = (
            static () => new TranslationRuleFold(),
            [
                Convert.FromHexString(TranslationRules.RuleSnat),
                Convert.FromHexString(TranslationRules.RuleMasquerade),
                Convert.FromHexString(TranslationRules.TargetSnatOfIPv6),
            ]
        ),
    };

    /// <summary>Folds inside of a reader: see <see cref="RecordFuzzTests"/>.</summary>
    static readonly string[] Others = ["FailureFold", "LinkFold", "AddressFold"];

    public static TheoryData<string> Names => [.. Folds.Keys];

    [Fact]
    public void Every_fold_is_known() =>
        Assert.Equal(
            Folds.Keys.Concat(Others).Order(StringComparer.Ordinal),
            typeof(Snapshot)
                .Assembly.GetTypes()
                .Where(static type => type.IsClass && type.IsAssignableTo(typeof(INetlinkFold)))
                .Select(static type => type.Name)
                .Order(StringComparer.Ordinal)
        );

    [Theory]
    [MemberData(nameof(Names))]
    public void Changed_messages_do_no_harm(string name)
    {
        var (start, payloads) = Folds[name];

        FuzzRun.Run(name, Mutation.Binary(payloads).Array[0, 6], FuzzRun.Iterations(Iterations), messages =>
        {
            var fold = start();
            foreach (var message in messages)
                _ = fold.TryAdd(message);
            foreach (var (method, result) in Results(fold))
                Facts.AssertPossible(result, method);
        });
    }

    /// <summary>The datagram itself is changed: lengths of messages, types, sequences.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Changed_datagrams_end_in_time(string name)
    {
        var (start, payloads) = Folds[name];
        byte[] whole =
        [
            .. payloads.SelectMany(static payload => FakeKernel.Message(16, payload, sequence: 1)),
            .. FakeKernel.Message(LinuxNetlink.NLMSG_DONE, new byte[4], sequence: 1),
        ];

        FuzzRun.Run(name, Mutation.Binary([whole]), FuzzRun.Iterations(Iterations), datagram =>
        {
            var dump = new NetlinkDump(new ScriptedNetlink(_ => datagram), "fuzz");
            var failure = dump.Run(
                16,
                new LinuxRtnetlink.ifinfomsg(),
                start(),
                Deadline.After(TimeSpan.FromSeconds(2))
            );
            Assert.True(failure is null || failure.Detail.Length > 0);
        });
    }

    /// <summary>A list of the kernel may grow faster than it is read.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void An_answer_without_end_ends_at_the_deadline(string name)
    {
        var (start, payloads) = Folds[name];
        byte[] part = [.. payloads.SelectMany(static payload => FakeKernel.Message(16, payload, sequence: 1))];
        var dump = new NetlinkDump(new EndlessNetlink(part), "endless");
        var taking = Stopwatch.StartNew();

        var failure = dump.Run(16, new LinuxRtnetlink.ifinfomsg(), start(), Deadline.After(Moment));

        Assert.Equal(Absence.TimedOut, failure?.Reason);
        Assert.InRange(taking.Elapsed, Moment, TimeSpan.FromSeconds(2));
    }

    /// <summary>Returns what the methods without parameters make of the messages.</summary>
    static IEnumerable<(string, object?)> Results(INetlinkFold fold) =>
        fold.GetType()
            .GetMethods()
            .Where(static method =>
                method.Name.StartsWith("To", StringComparison.Ordinal)
                && method.Name != "ToString"
                && method.GetParameters().Length == 0
                && !method.IsGenericMethod
            )
            .Select(method => (method.Name, method.Invoke(fold, null)))
            .Append((fold.GetType().Name, (object?)fold));

    static byte[] Link() =>
        [
            .. new byte[16],
            .. ScriptedNetlink.Attribute(LinuxIfLink.IFLA_IFNAME, "eth0\0"u8.ToArray()),
            .. ScriptedNetlink.Attribute(LinuxIfLink.IFLA_MASTER, 3),
            .. ScriptedNetlink.Attribute(
                LinuxIfLink.IFLA_LINKINFO,
                ScriptedNetlink.Attribute(1, "bridge\0"u8.ToArray())
            ),
        ];

    static byte[] Queue() =>
        [
            .. new byte[20],
            .. ScriptedNetlink.Attribute(LinuxRtnetlink.TCA_KIND, "fq_codel\0"u8.ToArray()),
            .. ScriptedNetlink.Attribute(
                LinuxRtnetlink.TCA_STATS,
                new LinuxGenStats.tc_stats { drops = 3, overlimits = 4 }
            ),
            .. ScriptedNetlink.Attribute(LinuxRtnetlink.TCA_STATS2, ScriptedNetlink.Attribute(3, new byte[20])),
        ];

    static byte[] Neighbour() =>
        [
            .. new byte[12],
            .. ScriptedNetlink.Attribute(LinuxNeighbour.NDA_MASTER, 7),
            .. ScriptedNetlink.Attribute(2, new byte[6]),
        ];

    /// <summary>A kernel that gives the same part of an answer again and again.</summary>
    sealed class EndlessNetlink(byte[] part) : INetlinkTransport
    {
        public Missing? Send(ReadOnlySpan<byte> request) => null;

        public Reading<int> Receive(Span<byte> buffer)
        {
            part.CopyTo(buffer);
            return part.Length;
        }
    }
}
