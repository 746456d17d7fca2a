using OpenClaw.Kernel.Bpf;
using OpenClaw.Kernel.InetDiag;
using static OpenClaw.Kernel.Bpf.BpfRegister;
using static OpenClaw.Kernel.Bpf.BpfWidth;
using static OpenClaw.Kernel.Sockets.TcpWalkLayout;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// Writes the programs of <see cref="TcpWalkProgram"/>. Both count a socket by the same instructions. The comments are
/// the C statements.
/// </summary>
/// <param name="facts">The offsets in the kernel's structures.</param>
/// <param name="maps">The maps.</param>
/// <param name="isIterator">True for the one that the kernel calls for each socket. Its pointers are trusted.</param>
sealed partial class TcpWalkListing(Dictionary<string, int> facts, TcpWalkMaps maps, bool isIterator)
{
    /// <summary>The time at which a socket entered TIME_WAIT, since Linux 6.14.</summary>
    public const string EntryStamp = "inet_timewait_sock.tw_entry_stamp";

    /// <summary>The timer of keepalive, since Linux 6.19. It was sk_timer before.</summary>
    public const string KeepaliveTimer = "inet_connection_sock.icsk_keepalive_timer";

    // include/net/tcp_states.h: a connection that is not yet one.
    const int TCP_NEW_SYN_RECV = 12;

    // struct sock_common: skc_reuse:4, skc_reuseport:1, skc_ipv6only:1, skc_net_refcnt:1
    const int IPv6OnlyBit = 1 << 5;
    const int OfProgramBit = 1 << 6;

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
    const int Number = Orphan - 8;

    // The values of Bind: without a port of its own, a port that connect() may share, and one that it may not.
    const int NoPort = 0;
    const int Shared = 1;
    const int Blocked = 2;

    readonly BpfAssembler _code = new();

    /// <summary>Writes the program that the kernel calls for each socket (iter/tcp).</summary>
    public static BpfAssembler WriteIterator(Dictionary<string, int> facts, TcpWalkMaps maps)
    {
        var listing = new TcpWalkListing(facts, maps, isIterator: true);
        var code = listing._code;

        // int walk(struct bpf_iter__tcp *ctx) { struct sock_common *sk = ctx->sk_common; if (!sk) return 0;
        code.Load(U64, R7, R1, facts["bpf_iter__tcp.sk_common"]);
        code.JumpIf(R7, BpfCompare.Equal, 0, "done");
        code.LoadMapValue(R8, maps.Walk);
        listing.ClearSocket();
        listing.TakeSocket();

        // done: return 0;
        code.Label("done");
        code.Return(0);
        return code;
    }

    /// <summary>Clears the part of the stack for a socket.</summary>
    void ClearSocket()
    {
        for (var at = Number; at < 0; at += sizeof(ulong))
            _code.Store(U64, R10, at, 0);
    }

    /// <summary>
    /// Counts the socket in R7, with the shared value in R8 and a part of the stack that is clear. It keeps R6.
    /// </summary>
    void TakeSocket()
    {
        // if (sk->skc_state == TCP_LISTEN) goto done;
        _code.Load(U8, R9, R7, facts["sock_common.skc_state"]);
        _code.JumpIf(R9, BpfCompare.Equal, (int)TcpState.Listen, "done");
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

        // full: walk.full++; goto done;
        _code.Label("full");
        _code.Increase(R8, FullAt);
        _code.Jump("done");
    }

    /// <summary>Keeps the socket where its port is one of those.</summary>
    void WriteSocket()
    {
        // if (!is_set(walk.written, socket.source_port)) goto count;
        _code.Load(U16, R9, R10, Socket + SourcePortAt);
        _code.FindBit(R8, R9);
        _code.JumpIfClear(WrittenAt, "count");

        // if (tp) socket.inode = sk->sk_socket->file->f_inode->i_ino; A null pointer reads as 0.
        _code.JumpIf(R7, BpfCompare.Equal, 0, "unheld");
        _code.Load(U64, R1, R7, facts["sock.sk_socket"]);
        _code.Load(U64, R1, R1, facts["socket.file"]);
        _code.Load(U64, R1, R1, facts["file.f_inode"]);
        _code.Load(U64, R1, R1, facts["inode.i_ino"]);
        _code.Store(U64, R10, Socket + InodeAt, R1);
        _code.Label("unheld");

        // u64 number = walk.kept++; if (bpf_map_update_elem(&sockets, &number, &socket, BPF_NOEXIST)) goto full;
        _code.Load(U64, R1, R8, KeptAt);
        _code.Store(U64, R10, Number, R1);
        _code.Increase(R8, KeptAt);
        _code.LoadStack(R3, Socket);
        _code.Insert(maps.Sockets, Number);
        _code.JumpIf(R0, BpfCompare.NotEqual, 0, "full");
    }

    void CountSocket()
    {
        // cgroups[cgroup].states[socket.state & 15]++;
        _code.Label("count");
        _code.FindOrInsert(maps.Cgroups, Cgroup, R8, ZeroesAt, "full");
        _code.Load(U16, R1, R10, Socket + StateAt);
        _code.And(R1, 15);
        _code.ShiftLeft(R1, 3);
        _code.Add(R0, R1);
        _code.Increase(R0, 0);

        // walk.bytes += bytes; walk.without_timer += without_timer; walk.orphans += orphan;
        foreach (
            var (at, from) in ((int, int)[])[(BytesAt, Bytes), (WithoutTimerAt, WithoutTimer), (OrphansAt, Orphan)]
        )
        {
            _code.Load(U64, R1, R10, from);
            _code.Increase(R8, at, R1);
        }
    }

    void CountPorts()
    {
        // if (bind == NoPort) goto done; if (bind == Blocked) set(walk.blocked, socket.source_port);
        _code.Load(U64, R3, R10, Bind);
        _code.JumpIf(R3, BpfCompare.Equal, NoPort, "done");
        _code.JumpIf(R3, BpfCompare.Equal, Shared, "shared");
        _code.FindBit(R8, R9);
        _code.SetBit(BlockedAt);
        _code.Label("shared");

        // address.source = socket.source; set(addresses[address], socket.source_port);
        for (var at = 0; at < 16; at += sizeof(ulong))
        {
            _code.Load(U64, R1, R10, Socket + SourceAt + at);
            _code.Store(U64, R10, Address + at, R1);
        }

        _code.FindOrInsert(maps.Addresses, Address, R8, ZeroesAt, "full");
        _code.FindBit(R0, R9);
        _code.SetBit(0);

        // if (bind == Blocked) goto done; pair = &pairs[socket]; pair->holds[hold & 3]++;
        _code.Load(U64, R1, R10, Bind);
        _code.JumpIf(R1, BpfCompare.Equal, Blocked, "done");
        _code.FindOrInsert(maps.Pairs, Socket, R8, ZeroesAt, "full");
        _code.Move(R9, R0);
        _code.Load(U64, R1, R10, Hold);
        _code.And(R1, 3);
        _code.ShiftLeft(R1, 3);
        _code.Add(R0, R1);
        _code.Increase(R0, 0);
        CountPath();
        _code.Jump("done");
    }
}
