using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OpenClaw.KernelTests;

/// <summary>The shortages of a dying machine. Each stays in its own namespace, cgroup or process.</summary>
static class Shortages
{
    /// <summary>More connections than the accept queue of the exporter holds.</summary>
    const int Waiting = 600;

    /// <summary>The time of a snapshot that lists a full conntrack table.</summary>
    static readonly TimeSpan Listing = TimeSpan.FromSeconds(1);

    /// <summary>The memory that the cgroup has beside its present use.</summary>
    const long SpareBytes = 8 << 20;

    public static ImmutableArray<Shortage> All { get; } =
    [
        new("no ephemeral port", TakePorts) { Pool = "ephemeral_bind_ports", IsReachable = false },
        new("no descriptor of its own", static at => at.Exporter.SpareDescriptors(at.Netns, 0))
        {
            IsReachable = null,
            IsBlinding = true,
        },
        new("the machine at file-max", static at =>
            Inject(at, "openat,socket,accept4,pipe2,eventfd2,epoll_create1", "ENFILE")
        )
        {
            IsReachable = false,
            IsBlinding = true,
        },
        new("a full accept queue of its own", FillQueue) { Pool = "accept_queue_connections", IsReachable = false },
        new("a full conntrack table", FillConntrack)
        {
            Prepare = static netns =>
                netns.Command(
                    InstalledProgram.Find("nft"),
                    "add table inet t; add chain inet t in { type filter hook input priority 0; }; "
                        + "add rule inet t in ct state new accept"
                ),
            Pool = "conntrack_entries",
            // The kernel may evict the connection that was closed for the new one.
            IsReachable = null,
        },
        // The limit is the machine's, and stays as it is. Without memory, a send to a full socket has to wait.
        new("no TCP memory", static at => Inject(at, "sendmsg,sendto", "EAGAIN"))
        {
            IsAnswered = false,
            IsReachable = false,
        },
        new("no further thread", FillPids) { Controller = "pids" },
        new("no memory left in its cgroup", FillMemory) { Controller = "memory" },
        new("a fiftieth of a CPU", SlowDown)
        {
            Controller = "cpu",
            MaxAge = "1s",
            IsAnswered = null,
            IsReachable = null,
        },
    ];

    /// <summary>Leaves the namespace a short range of ports, and binds each of them.</summary>
    static Reversal TakePorts(ShortMachine at)
    {
        const string key = "net.ipv4.ip_local_port_range";
        at.Netns.Sysctl(key, "40000 40031");
        var taken = new List<Socket>();
        at.Netns.Run(() =>
        {
            try
            {
                while (true)
                {
                    taken.Add(new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                    taken[^1].Bind(new IPEndPoint(IPAddress.Any, 0));
                }
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // None is left.
            }
        });
        return new(() =>
        {
            taken.ForEach(static socket => socket.Dispose());
            at.Netns.Sysctl(key, "32768 60999");
        });
    }

    /// <summary>Makes system calls of the exporter fail.</summary>
    static Reversal Inject(ShortMachine at, string calls, string error)
    {
        var exporter = at.Exporter.Process.Id.ToString(CultureInfo.InvariantCulture);

        // Each call of the exporter waits for the tracer, on a busy machine for its turn on a CPU, too.
        var tracer = at.Netns.Start(
            new(
                "nice",
                [
                    .. (string[])
                        [
                            "-n",
                            "-15",
                            InstalledProgram.Find("strace"),
                            "-f",
                            "-qq",
                            "-I",
                            "1",
                            "-o",
                            "/dev/null",
                            "-e",
                            "signal=none",
                            "-p",
                            exporter,
                        ],
                    .. (string[])["-e", $"trace={calls}", "-e", $"inject={calls}:error={error}"],
                ]
            )
        );
        Assert.True(SpinWait.SpinUntil(IsTraced, TimeSpan.FromSeconds(5)), "strace does not trace all threads");
        return new(() =>
        {
            // It lets the exporter go on. It ends with the exporter, too.
            try
            {
                at.Netns.Command("kill", tracer.Id.ToString(CultureInfo.InvariantCulture));
            }
            catch (InvalidOperationException) when (at.Exporter.Process.HasExited)
            {
                // It has ended.
            }

            tracer.WaitForExit();
        });

        bool IsTraced() =>
            Directory
                .EnumerateDirectories($"/proc/{exporter}/task")
                .All(static task =>
                    !File.ReadAllText(task + "/status").Contains("TracerPid:\t0\n", StringComparison.Ordinal)
                );
    }

    /// <summary>Fills the accept queue while no connection is accepted.</summary>
    static Reversal FillQueue(ShortMachine at)
    {
        var accept = Inject(at, "accept4", "EMFILE");
        var waiting = new List<Socket>();
        at.Netns.Run(() =>
        {
            for (var i = 0; i < Waiting; i++)
            {
                waiting.Add(new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false });
                try
                {
                    waiting[^1].Connect(IPAddress.Loopback, PublishedExporter.Port);
                }
                catch (SocketException error) when (error.SocketErrorCode == SocketError.WouldBlock)
                {
                    // It is under way.
                }
            }
        });
        return new(() =>
        {
            waiting.ForEach(static socket => socket.Dispose());
            accept.Dispose();
        });
    }

    static Reversal FillConntrack(ShortMachine at)
    {
        TrackedPeers.InsertForGood(at.Netns, TrackedPeers.Maximum());

        // A snapshot that began with half a table lists all of its entries.
        Thread.Sleep(Listing);
        return new(() => TrackedPeers.Flush(at.Netns));
    }

    static Reversal FillPids(ShortMachine at)
    {
        at.Cgroup!.Write("pids.max", at.Cgroup.Read("pids.current"));
        return new(() => at.Cgroup.Write("pids.max", "max"));
    }

    /// <summary>
    /// Fills the cgroup up to its limit with the cache of a file, so that each further page takes the place of another
    /// one. The file is written by then: how long the disk takes for that is no matter of the exporter.
    /// </summary>
    static Reversal FillMemory(ShortMachine at)
    {
        var cgroup = at.Cgroup!;
        var used = long.Parse(cgroup.Read("memory.usage_in_bytes", "memory.current"), CultureInfo.InvariantCulture);
        var limit = (used + SpareBytes).ToString(CultureInfo.InvariantCulture);
        cgroup.Write(("memory.limit_in_bytes", limit), ("memory.max", limit));
        var folder = new TemporaryFolder();
        at.Netns.Command(
            cgroup.Prefix[0],
            [
                .. cgroup.Prefix.Skip(1),
                "dd",
                "if=/dev/zero",
                $"of={folder.PathOf("cached")}",
                "bs=64k",
                "count=500",
                "conv=fsync",
                "status=none",
            ]
        );
        return new(() =>
        {
            cgroup.Write(("memory.limit_in_bytes", "-1"), ("memory.max", "max"));
            folder.Dispose();
        });
    }

    static Reversal SlowDown(ShortMachine at)
    {
        at.Cgroup!.Write(("cpu.cfs_quota_us", "2000"), ("cpu.max", "2000 100000"));
        return new(() => at.Cgroup.Write(("cpu.cfs_quota_us", "-1"), ("cpu.max", "max")));
    }
}
