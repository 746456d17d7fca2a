using OpenClaw.Kernel.Bpf;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Interop;
using static OpenClaw.Kernel.Bpf.BpfRegister;
using static OpenClaw.Kernel.Bpf.BpfWidth;
using static OpenClaw.Kernel.Interop.LinuxBpf;
using static OpenClaw.Kernel.Sockets.TcpWalkLayout;

namespace OpenClaw.Kernel.Sockets;

/// <summary>The part that reads a socket into the stack.</summary>
sealed partial class TcpWalkListing
{
    /// <summary>Both ends of the connection. An IPv4 address becomes ::ffff:a.b.c.d.</summary>
    void ReadEnds()
    {
        _code.Load(U32, R1, R7, facts["sock_common.skc_bound_dev_if"]);
        _code.Store(U32, R10, Socket + InterfaceAt, R1);
        _code.Load(U16, R1, R7, facts["sock_common.skc_dport"]);
        _code.Store(U16, R10, Socket + DestinationPortAt, R1);
        _code.Load(U16, R1, R7, facts["sock_common.skc_num"]);
        _code.Store(U16, R10, Socket + SourcePortAt, R1);
        _code.Load(U16, R1, R7, facts["sock_common.skc_family"]);
        _code.JumpIf(R1, BpfCompare.Equal, SysSocket.AF_INET6, "ipv6");
        foreach (var (at, field) in ((int, string)[])[(SourceAt, "skc_rcv_saddr"), (DestinationAt, "skc_daddr")])
        {
            _code.Store(U32, R10, Socket + at + 8, unchecked((int)0xffff0000));
            _code.Load(U32, R1, R7, facts["sock_common." + field]);
            _code.Store(U32, R10, Socket + at + 12, R1);
        }

        _code.Jump("ends");
        _code.Label("ipv6");
        foreach (var (at, field) in ((int, string)[])[(SourceAt, "skc_v6_rcv_saddr"), (DestinationAt, "skc_v6_daddr")])
        {
            for (var word = 0; word < 16; word += sizeof(uint))
            {
                _code.Load(U32, R1, R7, facts["sock_common." + field] + word);
                _code.Store(U32, R10, Socket + at + word, R1);
            }
        }

        // address.ipv6only = sk->skc_ipv6only;
        _code.Load(U8, R1, R7, facts["sock_common.skc_ipv6only"]);
        _code.And(R1, IPv6OnlyBit);
        _code.Store(U32, R10, Address + IPv6OnlyAt, R1);
        _code.Label("ends");
    }

    /// <summary>The place that is 0 while the timer of keepalive does not run (timer_pending).</summary>
    int KeepaliveAt =>
        (facts.TryGetValue(KeepaliveTimer, out var timer) ? timer : facts["sock.sk_timer"])
        + facts["timer_list.entry"]
        + facts["hlist_node.pprev"];

    /// <summary>A full socket, as tcp_diag_get_info() and inet_sk_diag_fill() show it.</summary>
    void ReadConnection()
    {
        // struct tcp_sock *tp = (struct tcp_sock *)sk; socket.state = sk->skc_state; walk.passed++;
        Cast("tcp_sock", BPF_FUNC_skc_to_tcp_sock);
        _code.Increase(R8, PassedAt);
        _code.Store(U16, R10, Socket + StateAt, R9);

        // if (!sk->skc_net_refcnt) walk.of_kernel++; A socket of a program keeps its namespace.
        _code.Load(U8, R1, R7, facts["sock_common.skc_ipv6only"]);
        _code.And(R1, OfProgramBit);
        _code.JumpIf(R1, BpfCompare.NotEqual, 0, "of_program");
        _code.Increase(R8, OfKernelAt);
        _code.Label("of_program");

        // cgroup = sk->sk_cgrp_data.cgroup->kn->id;
        _code.Load(U64, R1, R7, facts["sock.sk_cgrp_data"] + facts["sock_cgroup_data.cgroup"]);
        _code.Load(U64, R1, R1, facts["cgroup.kn"]);
        _code.Load(U64, R1, R1, facts["kernfs_node.id"]);
        _code.Store(U64, R10, Cgroup, R1);

        // bytes = max(tp->rcv_nxt - tp->copied_seq, 0) + tp->write_seq - tp->snd_una;
        _code.Load(U32, R1, R7, facts["tcp_sock.rcv_nxt"]);
        _code.Load(U32, R2, R7, facts["tcp_sock.copied_seq"]);
        _code.Subtract(R1, R2);
        _code.ShiftLeft(R1, 32);
        _code.JumpIf(R1, BpfCompare.SignedGreater, 0, "received");
        _code.Move(R1, 0);
        _code.Label("received");
        _code.ShiftRight(R1, 32);
        _code.Load(U32, R2, R7, facts["tcp_sock.write_seq"]);
        _code.Load(U32, R3, R7, facts["tcp_sock.snd_una"]);
        _code.Subtract(R2, R3);
        _code.ShiftLeft(R2, 32);
        _code.ShiftRight(R2, 32);
        _code.Add(R1, R2);
        _code.Store(U64, R10, Bytes, R1);

        // if (state == TCP_ESTABLISHED && !icsk->icsk_pending && !timer_pending(timer)) …
        _code.JumpIf(R9, BpfCompare.NotEqual, (int)TcpState.Established, "not_established");
        _code.Load(U8, R2, R7, facts["inet_connection_sock.icsk_pending"]);
        _code.JumpIf(R2, BpfCompare.NotEqual, 0, "bound");
        _code.Load(U64, R2, R7, KeepaliveAt);
        _code.JumpIf(R2, BpfCompare.NotEqual, 0, "bound");

        // … { without_timer = 1; if (!bytes) hold = Idle; }
        _code.Store(U64, R10, WithoutTimer, 1);
        _code.JumpIf(R1, BpfCompare.NotEqual, 0, "bound");
        _code.Store(U64, R10, Hold, (int)PortHold.Idle);
        _code.Jump("bound");

        // orphan = is_closing(state) && !sk->sk_socket;
        _code.Label("not_established");
        foreach (var state in (TcpState[])[TcpState.FinWait1, TcpState.FinWait2, TcpState.LastAck, TcpState.Closing])
            _code.JumpIf(R9, BpfCompare.Equal, (int)state, "closing");
        _code.Jump("bound");
        _code.Label("closing");
        _code.Load(U64, R1, R7, facts["sock.sk_socket"]);
        _code.JumpIf(R1, BpfCompare.NotEqual, 0, "bound");
        _code.Store(U64, R10, Orphan, 1);

        // tb = icsk->icsk_bind_hash;
        _code.Label("bound");
        SkipUnlessUndecided();
        _code.Load(U64, R1, R7, facts["inet_connection_sock.icsk_bind_hash"]);
        _code.Jump("bucket");
    }

    /// <summary>A small socket, in TIME_WAIT or in the FIN_WAIT2 of an orphan.</summary>
    void ReadTimeWait()
    {
        // struct tcp_timewait_sock *tw = (struct tcp_timewait_sock *)sk; socket.state = tw->tw_substate; walk.passed++;
        _code.Label("time_wait");
        Cast("tcp_timewait_sock", BPF_FUNC_skc_to_tcp_timewait_sock);
        _code.Increase(R8, PassedAt);
        _code.Load(U8, R9, R7, facts["inet_timewait_sock.tw_substate"]);
        _code.Store(U16, R10, Socket + StateAt, R9);
        _code.JumpIf(R9, BpfCompare.NotEqual, (int)TcpState.TimeWait, "tw_bound");

        // hold = tw->tw_ts_recent_stamp && is_old(tw) ? OldTimeWait : TimeWait; (tcp_twsk_unique)
        _code.Store(U64, R10, Hold, (int)PortHold.TimeWait);
        _code.Load(U32, R9, R7, facts["tcp_timewait_sock.tw_ts_recent_stamp"]);
        _code.JumpIf(R9, BpfCompare.Equal, 0, "tw_bound");
        _code.Call(BPF_FUNC_ktime_get_ns);
        if (facts.TryGetValue(EntryStamp, out var entry))
        {
            // time_after32(tcp_clock_ms(), tw->tw_entry_stamp + delay)
            _code.Divide(R0, NanosecondsPerMillisecond);
            _code.Load(U32, R1, R7, entry);
            _code.Subtract(R0, R1);
            _code.Load(U64, R1, R8, DelayAt);
        }
        else
        {
            // Before Linux 6.14: time_after32(ktime_get_seconds(), tw->tw_ts_recent_stamp)
            _code.Divide(R0, NanosecondsPerSecond);
            _code.Move(R1, R9);
        }

        _code.Subtract(R0, R1);
        _code.ShiftLeft(R0, 32);
        _code.JumpIf(R0, BpfCompare.SignedGreater, 0, "tw_old");
        _code.Jump("tw_bound");
        _code.Label("tw_old");
        _code.Store(U64, R10, Hold, (int)PortHold.OldTimeWait);

        // tb = tw->tw_tb;
        _code.Label("tw_bound");
        _code.Load(U64, R4, R7, facts["inet_timewait_sock.tw_tb"]);
        _code.Move(R7, 0);
        SkipUnlessUndecided();
        _code.Move(R1, R4);
        _code.Jump("bucket");
    }

    /// <summary>Takes the socket in R7 for one of this structure, as its state says.</summary>
    /// <param name="structure">The name of the structure.</param>
    /// <param name="helper">The helper of the iterator, which has a trusted pointer and gets one.</param>
    void Cast(string structure, int helper)
    {
        _code.Move(R1, R7);
        if (isIterator)
        {
            _code.Call(helper);
            _code.JumpIf(R0, BpfCompare.Equal, 0, "done");
        }
        else
        {
            ReadAs(structure);
        }

        _code.Move(R7, R0);
    }

    /// <summary>
    /// Goes on where the port may be assigned and is not known to be blocked. A bucket is seldom in the cache of the
    /// CPU.
    /// </summary>
    void SkipUnlessUndecided()
    {
        // if (!is_set(walk.assigned, port)) goto known;
        _code.Load(U16, R9, R10, Socket + SourcePortAt);
        _code.FindBit(R8, R9);
        _code.JumpIfClear(AssignedAt, "known");

        // bind = Blocked; if (is_set(walk.blocked, port)) goto known;
        _code.Store(U64, R10, Bind, Blocked);
        _code.JumpIfSet(BlockedAt, "known");
    }
}
