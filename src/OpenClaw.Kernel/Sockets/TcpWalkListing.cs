using OpenClaw.Kernel.Bpf;
using OpenClaw.Kernel.InetDiag;
using static OpenClaw.Kernel.Bpf.BpfRegister;
using static OpenClaw.Kernel.Bpf.BpfWidth;
using static OpenClaw.Kernel.Interop.LinuxBpf;
using static OpenClaw.Kernel.Sockets.TcpWalkLayout;

namespace OpenClaw.Kernel.Sockets;

/// <summary>Writes the program of <see cref="TcpWalkProgram"/>. The comments are the C statements.</summary>
/// <param name="facts">The offsets in the kernel's structures.</param>
/// <param name="maps">The maps.</param>
sealed partial class TcpWalkListing(Dictionary<string, int> facts, TcpWalkMaps maps)
{
    /// <summary>The time at which a socket entered TIME_WAIT, since Linux 6.14.</summary>
    public const string EntryStamp = "inet_timewait_sock.tw_entry_stamp";

    /// <summary>The timer of keepalive, since Linux 6.19. It was sk_timer before.</summary>
    public const string KeepaliveTimer = "inet_connection_sock.icsk_keepalive_timer";

    // include/net/tcp_states.h: a connection that is not yet one.
    const int TCP_NEW_SYN_RECV = 12;

    // struct sock_common: skc_reuse:4, skc_reuseport:1, skc_ipv6only:1
    const int IPv6OnlyBit = 1 << 5;

    const int NanosecondsPerMillisecond = 1_000_000;
    const int NanosecondsPerSecond = 1_000_000_000;

    // The stack, from its end downwards: the socket, a key of a set of ports, and numbers.
    const int Socket = -SocketLength;
    const int Address = Socket - AddressLength;
    const int Cgroup = Address - 8;
    const int Hold = Cgroup - 8;
    const int Bind = Hold - 8;
    const int Bytes = Bind - 8;
    const int WithoutTimer = Bytes - 8;
    const int Orphan = WithoutTimer - 8;

    // The values of Bind: without a port of its own, a port that connect() may share, and one that it may not.
    const int NoPort = 0;
    const int Shared = 1;
    const int Blocked = 2;

    readonly BpfAssembler _code = new();
    int _labels;

    public BpfAssembler Write()
    {
        // int walk(struct bpf_iter__tcp *ctx)
        // struct sock_common *sk = ctx->sk_common; if (!sk || sk->skc_state == TCP_LISTEN) return 0;
        _code.Move(R6, R1);
        _code.Load(U64, R7, R6, facts["bpf_iter__tcp.sk_common"]);
        _code.JumpIf(R7, BpfCompare.Equal, 0, "out");
        _code.Load(U8, R9, R7, facts["sock_common.skc_state"]);
        _code.JumpIf(R9, BpfCompare.Equal, (int)TcpState.Listen, "out");
        _code.LoadMapValue(R8, maps.Walk);
        for (var at = Orphan; at < 0; at += sizeof(ulong))
            _code.Store(U64, R10, at, 0);
        ReadEnds();
        _code.JumpIf(R9, BpfCompare.Equal, TCP_NEW_SYN_RECV, "request");
        _code.JumpIf(R9, BpfCompare.Equal, (int)TcpState.TimeWait, "time_wait");
        ReadConnection();
        ReadTimeWait();

        // socket.state = TCP_SYN_RECV; its port is the listener's
        _code.Label("request");
        _code.Store(U16, R10, Socket + StateAt, (int)TcpState.SynRecv);
        _code.Move(R7, 0);
        _code.Jump("known");

        // bind = !tb || (tb->fastreuse < 0 && tb->fastreuseport < 0) ? Shared : Blocked;
        _code.Label("bucket");
        _code.Store(U64, R10, Bind, Shared);
        _code.JumpIf(R1, BpfCompare.Equal, 0, "known");
        _code.Load(U8, R2, R1, facts["inet_bind_bucket.fastreuse"]);
        _code.Load(U8, R3, R1, facts["inet_bind_bucket.fastreuseport"]);
        _code.And(R2, R3);
        _code.And(R2, 0x80);
        _code.JumpIf(R2, BpfCompare.NotEqual, 0, "known");
        _code.Store(U64, R10, Bind, Blocked);

        _code.Label("known");
        WriteSocket();
        CountSocket();
        CountPorts();

        // full: walk.full++; out: return 0;
        _code.Label("full");
        Increase(R8, FullAt);
        _code.Label("out");
        _code.Return(0);
        return _code;
    }

    /// <summary>
    /// Writes the socket where its port is one of those. This comes before all counts: where the output is full, the
    /// kernel passes the same socket again later.
    /// </summary>
    void WriteSocket()
    {
        // if (!is_set(walk.written, socket.source_port)) goto count;
        _code.Load(U16, R9, R10, Socket + SourcePortAt);
        FindPort(R8, R9);
        _code.Load(U64, R3, R1, WrittenAt);
        _code.And(R3, R2);
        _code.JumpIf(R3, BpfCompare.Equal, 0, "count");

        // if (tp) socket.inode = sk->sk_socket->file->f_inode->i_ino; A null pointer reads as 0.
        _code.JumpIf(R7, BpfCompare.Equal, 0, "unheld");
        _code.Load(U64, R1, R7, facts["sock.sk_socket"]);
        _code.Load(U64, R1, R1, facts["socket.file"]);
        _code.Load(U64, R1, R1, facts["file.f_inode"]);
        _code.Load(U64, R1, R1, facts["inode.i_ino"]);
        _code.Store(U64, R10, Socket + InodeAt, R1);
        _code.Label("unheld");

        // if (bpf_seq_write(ctx->meta->seq, &socket, sizeof(socket))) return 0;
        _code.Load(U64, R1, R6, facts["bpf_iter__tcp.meta"]);
        _code.Load(U64, R1, R1, facts["bpf_iter_meta.seq"]);
        _code.Move(R2, R10);
        _code.Add(R2, Socket);
        _code.Move(R3, SocketLength);
        _code.Call(BPF_FUNC_seq_write);
        _code.JumpIf(R0, BpfCompare.NotEqual, 0, "out");
    }

    void CountSocket()
    {
        // cgroups[cgroup].states[socket.state & 15]++;
        _code.Label("count");
        FindOrAdd(maps.Cgroups, Cgroup);
        _code.Load(U16, R1, R10, Socket + StateAt);
        _code.And(R1, 15);
        _code.ShiftLeft(R1, 3);
        _code.Add(R0, R1);
        Increase(R0, 0);

        // walk.bytes += bytes; walk.without_timer += without_timer; walk.orphans += orphan;
        foreach (
            var (at, from) in ((int, int)[])[(BytesAt, Bytes), (WithoutTimerAt, WithoutTimer), (OrphansAt, Orphan)]
        )
        {
            _code.Load(U64, R1, R8, at);
            _code.Load(U64, R2, R10, from);
            _code.Add(R1, R2);
            _code.Store(U64, R8, at, R1);
        }
    }

    void CountPorts()
    {
        // if (bind == NoPort) return 0; if (bind == Blocked) set(walk.blocked, socket.source_port);
        _code.Load(U64, R3, R10, Bind);
        _code.JumpIf(R3, BpfCompare.Equal, NoPort, "out");
        _code.JumpIf(R3, BpfCompare.Equal, Shared, "shared");
        FindPort(R8, R9);
        _code.Load(U64, R4, R1, BlockedAt);
        _code.Or(R4, R2);
        _code.Store(U64, R1, BlockedAt, R4);
        _code.Label("shared");

        // address.source = socket.source; set(addresses[address], socket.source_port);
        for (var at = 0; at < 16; at += sizeof(ulong))
        {
            _code.Load(U64, R1, R10, Socket + SourceAt + at);
            _code.Store(U64, R10, Address + at, R1);
        }

        FindOrAdd(maps.Addresses, Address);
        FindPort(R0, R9);
        _code.Load(U64, R3, R1, 0);
        _code.Or(R3, R2);
        _code.Store(U64, R1, 0, R3);

        // if (bind == Shared) pairs[socket].holds[hold & 3]++; return 0;
        _code.Load(U64, R1, R10, Bind);
        _code.JumpIf(R1, BpfCompare.Equal, Blocked, "out");
        FindOrAdd(maps.Pairs, Socket);
        _code.Load(U64, R1, R10, Hold);
        _code.And(R1, 3);
        _code.ShiftLeft(R1, 3);
        _code.Add(R0, R1);
        Increase(R0, 0);
        _code.Jump("out");
    }

    /// <summary>R1 = &amp;set[port / 64]; R2 = 1 &lt;&lt; port % 64;</summary>
    void FindPort(BpfRegister set, BpfRegister port)
    {
        _code.Move(R1, port);
        _code.ShiftRight(R1, 6);
        _code.ShiftLeft(R1, 3);
        _code.Add(R1, set);
        _code.Move(R0, port);
        _code.And(R0, 63);
        _code.Move(R2, 1);
        _code.ShiftLeft(R2, R0);
    }

    /// <summary>R0 = &amp;map[key]; a new element is all 0. if (!R0) goto full;</summary>
    void FindOrAdd(BpfMap map, int key)
    {
        var found = $"found_{_labels++}";
        Find(map, key);
        _code.JumpIf(R0, BpfCompare.NotEqual, 0, found);
        _code.LoadMap(R1, map);
        _code.Move(R2, R10);
        _code.Add(R2, key);
        _code.Move(R3, R8);
        _code.Add(R3, ZeroesAt);
        _code.Move(R4, BPF_NOEXIST);
        _code.Call(BPF_FUNC_map_update_elem);
        Find(map, key);
        _code.JumpIf(R0, BpfCompare.Equal, 0, "full");
        _code.Label(found);
    }

    void Find(BpfMap map, int key)
    {
        _code.LoadMap(R1, map);
        _code.Move(R2, R10);
        _code.Add(R2, key);
        _code.Call(BPF_FUNC_map_lookup_elem);
    }

    /// <summary>(*(u64 *)(to + offset))++; Only one walk runs at a time.</summary>
    void Increase(BpfRegister to, int offset)
    {
        _code.Load(U64, R1, to, offset);
        _code.Add(R1, 1);
        _code.Store(U64, to, offset, R1);
    }
}
