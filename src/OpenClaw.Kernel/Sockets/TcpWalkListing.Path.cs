using OpenClaw.Kernel.Bpf;
using static OpenClaw.Kernel.Bpf.BpfRegister;
using static OpenClaw.Kernel.Bpf.BpfWidth;
using static OpenClaw.Kernel.Sockets.TcpWalkLayout;

namespace OpenClaw.Kernel.Sockets;

/// <summary>The part that adds up the round trips and retransmits of a pair.</summary>
sealed partial class TcpWalkListing
{
    /// <summary>
    /// Takes what the kernel measured of a full socket. The retransmits of each socket are kept, where it has any. So a
    /// rise since the last walk is known although other sockets of the pair were closed meanwhile.
    /// </summary>
    void CountPath()
    {
        // if (!tp) goto done; if (tp->srtt_us) { pair->round_trips += tp->srtt_us >> 3; pair->measured++; }
        _code.JumpIf(R7, BpfCompare.Equal, 0, "done");
        _code.Load(U32, R1, R7, facts["tcp_sock.srtt_us"]);
        _code.JumpIf(R1, BpfCompare.Equal, 0, "unmeasured");
        _code.ShiftRight(R1, 3);
        _code.Increase(R9, RoundTripsAt, R1);
        _code.Increase(R9, MeasuredAt);

        // u64 sent = tp->total_retrans; if (!sent) goto done; pair->retransmits += sent;
        _code.Label("unmeasured");
        _code.Load(U32, R1, R7, facts["tcp_sock.total_retrans"]);
        _code.JumpIf(R1, BpfCompare.Equal, 0, "done");
        _code.Store(U64, R10, Number, R1);
        _code.Increase(R9, RetransmitsAt, R1);

        // Behind the pair, the key has the address of the socket: no other one has it while this one is open.
        // key = { pair, tp }; if (bpf_map_update_elem(&retransmits, &key, &sent, BPF_NOEXIST)) walk.uncounted++;
        _code.Store(U64, R10, Socket + AddressAt, R7);
        _code.LoadStack(R3, Number);
        _code.Insert(maps.Retransmits, Socket);
        _code.JumpIf(R0, BpfCompare.Equal, 0, "done");
        _code.Increase(R8, UncountedAt);
    }
}
