using System.Text;
using CsCheck;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Probe;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Refusals;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

/// <summary>
/// Changed bytes for code that is no static parser. It reads elements of maps in the kernel, targets of links, answers
/// of a Gateway, files to edit, and small dumps.
/// </summary>
public class RecordFuzzTests
{
    const int Iterations = 300;

    /// <summary>The readers of bytes by name, each with bytes that it reads.</summary>
    static readonly Dictionary<string, (string[] Samples, Func<byte[], object?> Read)> Texts = new()
    {
        ["HeldTargets"] = (
            [
                "socket:[123]",
                "/var/log/a.log (deleted)",
                "anon_inode:[eventpoll]",
                "pipe:[7]",
                "/memfd:x (deleted)",
                "/",
            ],
            static bytes =>
            {
                var targets = new HeldTargets();
                foreach (var target in Lines(bytes))
                    targets.Add(target);
                return (targets.ToFiles(), targets.MostWithoutPath, targets.Sockets.Count);
            }
        ),
        ["AnsiText.Strip"] = (["\e[31mred\e[0m \e[38;5;7m\e]x\e"], static bytes =>
        {
            var left = AnsiText.Strip([.. bytes]).ToArray();
            Assert.InRange(left.Length, 0, bytes.Length);
            Assert.True(IsInOrder(left, bytes), "bytes were changed");
            return left.Length;
        }),
        ["LineEdit.Edit"] = (
            ["[Service]\nLimitNOFILE=1024\nLimitNOFILE=10240\n", "a\nLimitNOFILE=1024"],
            static bytes =>
            {
                var edit = new LineEdit("/etc/a.service", 2, "LimitNOFILE=1024", "LimitNOFILE=65536");
                var edited = edit.Edit(bytes);
                Assert.True(
                    edited is null || edit.Inverse.Edit(edited) is { } back && back.AsSpan().SequenceEqual(bytes),
                    "the edit cannot be undone"
                );
                return edited?.Length;
            }
        ),
        ["GatewayHealth"] = (["{\"ok\":true,\"status\":\"live\"}", "\ufeff <!doctype html>"], static bytes =>
            (GatewayHealth.SaysHealthy(bytes), GatewayHealth.IsOfGateway(bytes), GatewayHealth.IsHtml(bytes))
        ),
    };

    /// <summary>The readers of dumps by name, each with the messages of an answer.</summary>
    static readonly Dictionary<
        string,
        (Func<Func<TimeSpan, Reading<INetlinkTransport>>, object> Read, byte[] Payload)
    > Dumps = new()
    {
        ["CtnetlinkStats"] = (
            static open => CtnetlinkStats.Read(open, Deadline.After(TimeSpan.FromSeconds(2))),
            [
                .. new byte[4],
                .. ScriptedNetlink.BigEndian(LinuxNfnetlink.CTA_STATS_DROP, 3),
                .. ScriptedNetlink.BigEndian(LinuxNfnetlink.CTA_STATS_EARLY_DROP, uint.MaxValue),
            ]
        ),
        ["Loopback"] = (
            static open => Loopback.Read(open, Deadline.After(TimeSpan.FromSeconds(2))),
            [.. new byte[8], .. ScriptedNetlink.BigEndian(LinuxIfAddr.IFA_LOCAL, 0x7f00_0001)]
        ),
    };

    public static TheoryData<string> TextNames => [.. Texts.Keys];

    public static TheoryData<string> DumpNames => [.. Dumps.Keys];

    [Theory]
    [MemberData(nameof(TextNames))]
    public void Changed_text_does_no_harm(string name)
    {
        var (samples, read) = Texts[name];

        FuzzRun.Run(
            name,
            Mutation.Text([.. samples.Select(Encoding.UTF8.GetBytes)]),
            FuzzRun.Iterations(Iterations),
            bytes => Facts.AssertPossible(read(bytes), name)
        );
    }

    [Theory]
    [MemberData(nameof(DumpNames))]
    public void Changed_answers_do_no_harm(string name)
    {
        var (read, payload) = Dumps[name];
        byte[] whole =
        [
            .. FakeKernel.Message(16, payload, sequence: 1),
            .. FakeKernel.Message(LinuxNetlink.NLMSG_DONE, new byte[4], sequence: 1),
        ];

        FuzzRun.Run(name, Mutation.Binary([whole]).Array[1, 3], FuzzRun.Iterations(Iterations), answers =>
        {
            var scripted = new ScriptedNetlink([.. answers.Select(answer => (Func<uint, byte[]>)(_ => answer))]);
            Facts.AssertPossible(read(_ => scripted), name);
        });
    }

    /// <summary>The kernel gives elements of a fixed length.</summary>
    [Fact]
    public void A_refused_connection_of_any_bytes_is_read()
    {
        const int length = RefusedConnectRecord.KeyLength + RefusedConnectRecord.ValueLength;
        FuzzRun.Run(nameof(RefusedConnectRecord), Gen.Byte.Array[length], FuzzRun.Iterations(Iterations), bytes =>
        {
            var record = new RefusedConnectRecord(
                bytes.AsSpan(0, RefusedConnectRecord.KeyLength),
                bytes.AsSpan(RefusedConnectRecord.KeyLength)
            );
            Assert.InRange(Encoding.UTF8.GetByteCount(record.Comm), 0, 3 * RefusedConnectRecord.CommLength);
            Assert.NotNull(record.Address.ToIPAddress());
            Assert.Equal(RefusedConnectRecord.KeyLength, record.Name.Length);

            // The time of the last call is a moment that a calendar has.
            Assert.NotEqual(default, DateTimeOffset.UnixEpoch + TimeSpan.FromTicks(record.Last / 100));
        });
    }

    /// <summary>The program counts up, but the fold has to bear each number.</summary>
    [Fact]
    public void A_walk_of_any_bytes_is_added()
    {
        var fold = new SocketFold(isTcp: true, worst: 3, new ServicePortList(1));
        var settings = new EphemeralPortSettings(1, 40_000, new(), TimeWaitReuse.Always, TimeSpan.FromSeconds(1), true);
        var walk = new byte[TcpWalkLayout.Length];
        (int Key, int Value, Action<byte[], byte[]> Add)[] elements =
        [
            (8, TcpWalkLayout.CgroupValueLength, (key, value) => TcpWalkElements.AddCgroup(fold, key, value)),
            (TcpWalkLayout.AddressLength, TcpWalkLayout.PortsLength, (key, value) =>
                TcpWalkElements.AddAddress(fold, key, value)
            ),
            (TcpWalkLayout.PairLength, TcpWalkLayout.PairValueLength, (key, value) =>
                TcpWalkElements.AddPair(fold, key, value)
            ),
            (TcpWalkLayout.RetransmitsLength, 8, (key, value) => TcpWalkElements.AddRetransmits(fold, key, value)),
            (8, TcpWalkLayout.SocketLength, (_, value) => TcpWalkElements.AddSocket(fold, value)),
        ];

        FuzzRun.Run(nameof(TcpWalkProgram), Gen.Int, FuzzRun.Iterations(Iterations), seed =>
        {
            var random = new Random(seed);
            fold.Restart(settings);
            fold.WriteTo(walk);
            for (var i = 0; i < 8; i++)
            {
                var (keyLength, valueLength, add) = elements[random.Next(elements.Length)];
                var (key, value) = (new byte[keyLength], new byte[valueLength]);
                random.NextBytes(key);
                random.NextBytes(value);
                add(key, value);
            }

            random.NextBytes(walk);
            fold.AddWalk(walk);
            var ports = fold.ToEphemeralPorts(settings, sawAll: true);
            Assert.All(ports.Bind, row => Assert.InRange(row.Used, 0, ports.Limit));
            Assert.All(fold.ToServicePorts(), static socket => Assert.NotNull(socket.ToString()));
            _ = fold.ToCgroups();
        });
    }

    /// <summary>The rows of tables in another process's namespace.</summary>
    [Theory]
    [InlineData(
        "unix",
        "Num       RefCount Protocol Flags Type St Inode Path\n0: 3 0 0 1 03 11 /run/a\n0: 2 0 1 1 01 12 @b\n"
    )]
    [InlineData(
        "tcp",
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
            + "   0: 0100007F:1F90 0200007F:C350 01 00000000:00000000 00:00000000 00000000  0  0 11 1\n"
            + "   1: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0  0 12 1\n"
    )]
    [InlineData(
        "udp",
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
            + "   0: 0100007F:1F90 00000000:0000 07 00000000:00000000 00:00000000 00000000  0  0 11 2\n"
    )]
    public void Changed_tables_of_held_sockets_do_no_harm(string table, string content)
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write($"thread-self/net/{table}", content);
        var proc = new ProcMount(folder.PathOf(""));
        var deadline = Deadline.After(TimeSpan.FromHours(1));
        Assert.Null(HeldSockets.Find(proc, [11, 12], deadline).Missing);

        FuzzRun.Run(table, Mutation.Text([Encoding.UTF8.GetBytes(content)]), FuzzRun.Iterations(Iterations), bytes =>
        {
            File.WriteAllBytes(file, bytes);
            var found = HeldSockets.Find(proc, [11, 12], deadline);
            Facts.AssertPossible(found, table);
            Assert.True(found.Missing is null or { Detail.Length: > 0 }, "no reason");
        });
    }

    static IEnumerable<byte[]> Lines(byte[] bytes) =>
        Encoding.Latin1.GetString(bytes).Split('\n').Select(Encoding.Latin1.GetBytes);

    /// <summary>Returns true where bytes are others with some of them removed.</summary>
    static bool IsInOrder(byte[] left, byte[] all)
    {
        var at = 0;
        foreach (var one in all)
            at += at < left.Length && left[at] == one ? 1 : 0;
        return at == left.Length;
    }
}
