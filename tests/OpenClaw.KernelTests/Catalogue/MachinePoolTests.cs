using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>
/// Pools of the machine whose limits are out of reach and stay unchanged. The tests use some of each pool, and its
/// level must rise by that much.
/// </summary>
[Collection(WholeMachine.Name)]
public partial class MachinePoolTests
{
    const int Bytes = 48 << 20;

    /// <summary>
    /// Each CPU reserves up to 1 MiB of socket memory in advance (sk_memory_allocated_add), and other programs use
    /// some.
    /// </summary>
    static readonly double Slack = (Environment.ProcessorCount + 4) * (1 << 20);

    [Fact]
    [Provokes("system_file_descriptors")]
    public void Files_that_are_opened_are_as_many_more()
    {
        const int files = 5_000,
            others = 1500; // Programs that start meanwhile open hundreds.
        var limit = new ProcMount().Read("self/limits", ProcessLimits.Parse).Value.OpenFilesSoft;
        Assert.SkipWhen(limit < 2 * files, $"may open {limit} files");
        var before = Look("system_file_descriptors", "file_nr");

        var held = Enumerable.Range(0, files).Select(static _ => File.OpenHandle("/dev/null")).ToList();
        var full = Look("system_file_descriptors", "file_nr");
        held.ForEach(static file => file.Dispose());

        Assert.InRange(full.Used - before.Used, files - others, files + others);
        var most = double.Parse(File.ReadAllText("/proc/sys/fs/file-max"), CultureInfo.InvariantCulture);
        Assert.Equal(most < long.MaxValue ? most : null, full.Limit);
        Assert.InRange(Look("system_file_descriptors", "file_nr").Used - before.Used, -others, others);
    }

    [Fact]
    [Provokes("tcp_memory_bytes")]
    public void Unread_TCP_data_counts_as_memory()
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.tcp_rmem", $"4096 {Bytes} {2 * Bytes}");
        netns.Sysctl("net.ipv4.tcp_wmem", $"4096 {Bytes} {2 * Bytes}");
        var before = LookAtMemory("tcp_memory_bytes", "tcp_mem");
        using var pairs = new ConnectionPairs(netns, 8080);
        pairs.Connect();

        var rest = Bytes;
        while (rest > 0)
            rest -= pairs.Clients[0].Send(new byte[Math.Min(rest, 1 << 16)]);

        AssertTaken(netns, "-tanm", before, LookAtMemory("tcp_memory_bytes", "tcp_mem"));
    }

    [Fact]
    [Provokes("udp_memory_bytes")]
    public void Unread_UDP_data_counts_as_memory()
    {
        using var netns = new PrivateNamespace();
        var endpoint = new IPEndPoint(IPAddress.Loopback, 5000);
        using var reader = netns.Run(static () =>
            new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
        );
        using var writer = netns.Run(static () =>
            new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
        );
        reader.SetRawSocketOption(1, 33, BitConverter.GetBytes(Bytes)); // SO_RCVBUFFORCE; the kernel doubles it.
        reader.Bind(endpoint);
        var before = LookAtMemory("udp_memory_bytes", "udp_mem");

        for (var sent = 0; sent < Bytes; sent += 60_000)
            writer.SendTo(new byte[60_000], endpoint);

        AssertTaken(netns, "-uanm", before, LookAtMemory("udp_memory_bytes", "udp_mem"));
    }

    /// <summary>Compares the rise with the memory that the sockets hold and have reserved, as ss shows it.</summary>
    static void AssertTaken(PrivateNamespace netns, string which, PoolLevel before, PoolLevel full)
    {
        var held = Memory()
            .Matches(netns.Command(InstalledProgram.Find("ss"), which))
            .Sum(static socket => Number(socket, "receive") + Number(socket, "forward") + Number(socket, "write"));
        Assert.True(held >= Bytes, $"the sockets hold {held} bytes");
        Assert.InRange(full.Used - before.Used, held - Slack, held + Slack);

        static double Number(Match socket, string group) =>
            double.Parse(socket.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    static PoolLevel LookAtMemory(string pool, string limit)
    {
        var level = Look(pool, "sockstat", "socket_limits");
        var pages = double.Parse(
            File.ReadAllText("/proc/sys/net/ipv4/" + limit).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[
                2
            ],
            CultureInfo.InvariantCulture
        );
        Assert.Equal(pages * Environment.SystemPageSize, level.Limit);
        return level;
    }

    static PoolLevel Look(string pool, params string[] readers) =>
        Assert.Single(
            PoolCatalogue.All.Single(known => known.Name == pool).Read(KernelSampling.SnapshotOf(readers).Own).Value
        );

    [GeneratedRegex(@"skmem:\(r(?<receive>\d+),rb\d+,t\d+,tb\d+,f(?<forward>\d+),w(?<write>\d+),")]
    private static partial Regex Memory();
}
