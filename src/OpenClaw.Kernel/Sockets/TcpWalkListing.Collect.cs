using OpenClaw.Kernel.Bpf;
using OpenClaw.Kernel.InetDiag;
using static OpenClaw.Kernel.Bpf.BpfRegister;
using static OpenClaw.Kernel.Bpf.BpfWidth;
using static OpenClaw.Kernel.Sockets.TcpWalkLayout;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// The part that collects some sockets of the hash before it counts them. So the CPU fetches their parts at the same
/// time, and not one after the other.
/// </summary>
sealed partial class TcpWalkListing
{
    /// <summary>The number of counted sockets while they are collected.</summary>
    const int NotYet = SocketsAtOnce + 1;

    /// <summary>The size of a line of the CPU's cache. The kernel's sockets begin with one.</summary>
    const int CacheLine = 64;

    /// <summary>Counts the next socket that is collected. Goes on behind it while they are collected.</summary>
    void CountCollected()
    {
        // if (counted == NotYet) goto collect;
        _code.Load(U64, R9, R8, CountedAt);
        _code.JumpIf(R9, BpfCompare.Equal, NotYet, "collect");

        // if (counted >= collected) { if (result != Unfinished) break; collected = 0; counted = NotYet; continue; }
        _code.Load(U64, R1, R8, CollectedAt);
        _code.JumpIf(R1, BpfCompare.Greater, R9, "taken");
        _code.Load(U64, R1, R8, ResultAt);
        _code.JumpIf(R1, BpfCompare.NotEqual, Unfinished, "end");
        _code.Store(U64, R8, CollectedAt, 0);
        _code.Store(U64, R8, CountedAt, NotYet);
        _code.Jump("out");

        // taken: sk = walk.sockets[counted++];
        _code.Label("taken");
        _code.Move(R1, R9);
        _code.And(R1, SocketsAtOnce - 1);
        _code.ShiftLeft(R1, 3);
        _code.Add(R1, R8);
        _code.Add(R9, 1);
        _code.Store(U64, R8, CountedAt, R9);
        _code.Load(U64, R1, R1, SocketsAt);
        ReadAs("sock_common");
        _code.Move(R7, R0);

        // if (sk->skc_net.net != net) continue; Another socket may have its memory by now.
        _code.Load(U64, R1, R7, facts["sock_common.skc_net"]);
        _code.JumpIf(R1, BpfCompare.NotEqual, R6, "out");
        TakeSocket();

        // done: socket = {}; continue; The verifier would go on with each content that the stack may have.
        _code.Label("done");
        ClearSocket();
        _code.Jump("out");
    }

    /// <summary>Collects the socket in R7, whose node is in R9.</summary>
    void Collect()
    {
        // if (sk->skc_net.net != net) goto other; walk.sockets[collected++ % SocketsAtOnce] = sk;
        _code.Load(U64, R1, R7, facts["sock_common.skc_net"]);
        _code.JumpIf(R1, BpfCompare.NotEqual, R6, "other");
        _code.Load(U64, R1, R8, CollectedAt);
        _code.Move(R2, R1);
        _code.And(R2, SocketsAtOnce - 1);
        _code.ShiftLeft(R2, 3);
        _code.Add(R2, R8);
        _code.Add(R9, -facts["sock_common.skc_nulls_node"]);
        _code.Store(U64, R2, SocketsAt, R9);
        _code.Add(R1, 1);
        _code.Store(U64, R8, CollectedAt, R1);
        Fetch();

        // if (collected == SocketsAtOnce) counted = 0; continue;
        _code.Load(U64, R1, R8, CollectedAt);
        _code.JumpIf(R1, BpfCompare.NotEqual, SocketsAtOnce, "out");
        _code.Store(U64, R8, CountedAt, 0);
        _code.Jump("out");
        NotePlace();
    }

    /// <summary>
    /// Reads parts of the connection in R7 that are read again when it is counted. These are the bucket of its port,
    /// and a part in each line of the cache.
    /// </summary>
    void Fetch()
    {
        // if (state == TCP_TIME_WAIT || state == TCP_NEW_SYN_RECV) goto fetched;
        _code.Load(U8, R1, R7, facts["sock_common.skc_state"]);
        _code.JumpIf(R1, BpfCompare.Equal, (int)TcpState.TimeWait, "fetched");
        _code.JumpIf(R1, BpfCompare.Equal, TCP_NEW_SYN_RECV, "fetched");
        _code.Move(R1, R7);
        ReadAs("tcp_sock");
        _code.Load(U64, R1, R0, facts["inet_connection_sock.icsk_bind_hash"]);
        _code.Load(U8, R1, R1, facts["inet_bind_bucket.fastreuse"]);
        (int At, BpfWidth Width)[] parts =
        [
            (facts["sock.sk_cgrp_data"] + facts["sock_cgroup_data.cgroup"], U64),
            (facts["sock.sk_socket"], U64),
            (facts["inet_connection_sock.icsk_pending"], U8),
            (KeepaliveAt, U64),
            (facts["tcp_sock.rcv_nxt"], U32),
            (facts["tcp_sock.copied_seq"], U32),
            (facts["tcp_sock.write_seq"], U32),
            (facts["tcp_sock.snd_una"], U32),
            (facts["tcp_sock.srtt_us"], U32),
            (facts["tcp_sock.total_retrans"], U32),
        ];
        var lines = new List<int>();
        foreach (var (at, width) in parts)
        {
            if (lines.Contains(at / CacheLine))
                continue;
            lines.Add(at / CacheLine);
            _code.Load(width, R1, R0, at);
        }

        _code.Label("fetched");
    }
}
