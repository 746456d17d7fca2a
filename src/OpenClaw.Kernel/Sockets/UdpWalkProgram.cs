using System.Runtime.InteropServices;
using OpenClaw.Kernel.Bpf;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;
using static OpenClaw.Kernel.Bpf.BpfRegister;
using static OpenClaw.Kernel.Bpf.BpfWidth;
using static OpenClaw.Kernel.Sockets.TcpWalkLayout;
using static OpenClaw.Kernel.Sockets.UdpWalkLayout;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// The program in the kernel that collects the ports of the UDP sockets of a network namespace (iter/udp), as a bitmap
/// for each local address. It takes about half the time of a dump, which copies each socket.
/// </summary>
sealed class UdpWalkProgram : IDisposable
{
    internal const string Function = "bpf_iter_udp";

    /// <summary>The limit on local addresses, as of the fold of a dump.</summary>
    const int AddressesAtMost = 256;

    // struct sock_common: skc_reuse:4, skc_reuseport:1, skc_ipv6only:1
    const int IPv6OnlyBit = 1 << 5;

    /// <summary>The third word of an IPv4-mapped address, ::ffff:a.b.c.d.</summary>
    const int Mapped = unchecked((int)0xffff0000);

    /// <summary>The place of the address on the stack.</summary>
    const int Address = -AddressLength;

    internal static readonly string[] Wanted =
    [
        Function,
        "bpf_iter__udp.udp_sk",
        "sock_common.skc_state",
        "sock_common.skc_family",
        "sock_common.skc_ipv6only",
        "sock_common.skc_num",
        "sock_common.skc_rcv_saddr",
        "sock_common.skc_v6_rcv_saddr",
    ];

    readonly BpfParts _parts;
    readonly BpfMap _addresses;
    readonly SocketWalk _walk;

    UdpWalkProgram(BpfParts parts, BpfMap shared, BpfMap addresses, BpfIterator iterator)
    {
        (_parts, _addresses) = (parts, addresses);
        _walk = new(
            "bpf iter/udp",
            iterator.Read,
            shared,
            UdpWalkLayout.Length,
            UdpWalkLayout.FullAt,
            $"{AddressesAtMost} local addresses"
        );
    }

    /// <summary>Loads and attaches the program. Needs CAP_BPF and CAP_PERFMON.</summary>
    /// <param name="types">The path of the kernel's BTF.</param>
    /// <param name="addresses">The limit on local addresses.</param>
    public static Reading<UdpWalkProgram> Attach(string types, int addresses = AddressesAtMost)
    {
        var parts = new BpfParts();
        var shared = parts.Make(static () => BpfMap.OneValue(UdpWalkLayout.Length));
        var ports = parts.Make(() => BpfMap.Hash(AddressLength, PortsLength, addresses));
        var iterator = parts.Make(() =>
            Btf.Find(types, Wanted).Then(facts => BpfIterator.Attach(Listing(facts, shared!, ports!), facts[Function]))
        );
        return parts.Refusal is { } missing ? missing : new UdpWalkProgram(parts, shared!, ports!, iterator!);
    }

    /// <summary>
    /// Adds the sockets of the calling thread's network namespace to a fold. Returns the failure; null when all were
    /// added.
    /// </summary>
    public Missing? Walk(SocketFold fold, Deadline deadline) =>
        _walk.Run(
            value => fold.WriteUdpTo(value),
            (value, takes) =>
            {
                if (takes)
                    fold.AddUdpWalk(value);
                return _addresses.TakeAll(
                    (key, ports) =>
                    {
                        if (!takes)
                            return;
                        fold.AddPorts(
                            SocketAddress.FromIPv6(key),
                            MemoryMarshal.Read<uint>(key[IPv6OnlyAt..]) != 0,
                            ports
                        );
                    }
                );
            },
            deadline
        );

    public void Dispose() => _parts.Dispose();

    /// <summary>Writes the program. The comments are the C statements.</summary>
    internal static BpfAssembler Listing(Dictionary<string, int> facts, BpfMap shared, BpfMap addresses)
    {
        var code = new BpfAssembler();

        // int walk(struct bpf_iter__udp *ctx)
        // struct udp_sock *sk = ctx->udp_sk; if (!sk) return 0; struct address address = {};
        code.Load(U64, R7, R1, facts["bpf_iter__udp.udp_sk"]);
        code.JumpIf(R7, BpfCompare.Equal, 0, "out");
        code.LoadMapValue(R8, shared);
        for (var at = Address; at < 0; at += sizeof(ulong))
            code.Store(U64, R10, at, 0);

        // address.source = sk->skc_rcv_saddr; An IPv4 address becomes ::ffff:a.b.c.d.
        code.Load(U16, R1, R7, facts["sock_common.skc_family"]);
        code.JumpIf(R1, BpfCompare.Equal, SysSocket.AF_INET6, "ipv6");
        code.Store(U32, R10, Address + 8, Mapped);
        code.Load(U32, R1, R7, facts["sock_common.skc_rcv_saddr"]);
        code.Store(U32, R10, Address + 12, R1);
        code.Jump("address");
        code.Label("ipv6");
        for (var word = 0; word < 16; word += sizeof(uint))
        {
            code.Load(U32, R1, R7, facts["sock_common.skc_v6_rcv_saddr"] + word);
            code.Store(U32, R10, Address + word, R1);
        }

        // address.ipv6only = sk->skc_ipv6only;
        code.Load(U8, R1, R7, facts["sock_common.skc_ipv6only"]);
        code.And(R1, IPv6OnlyBit);
        code.Store(U32, R10, Address + IPv6OnlyAt, R1);

        // walk.count++; u16 port = sk->skc_num; u8 state = sk->skc_state; if (is_set(walk.assigned, port)) …
        code.Label("address");
        code.Increase(R8, CountAt);
        code.Load(U16, R9, R7, facts["sock_common.skc_num"]);
        code.Load(U8, R6, R7, facts["sock_common.skc_state"]);
        code.FindBit(R8, R9);
        code.JumpIfSet(UdpWalkLayout.AssignedAt, "assigned");

        // … else { if (state == TCP_CLOSE) set(walk.waiting, port); return 0; }
        code.JumpIf(R6, BpfCompare.NotEqual, (int)TcpState.Close, "out");
        code.SetBit(WaitingAt);
        code.Jump("out");

        // if (state != TCP_CLOSE) { set(walk.connected, port); if (is_ipv4(address)) set(walk.connected_ipv4, port); }
        code.Label("assigned");
        code.JumpIf(R6, BpfCompare.Equal, (int)TcpState.Close, "bound");
        code.SetBit(ConnectedAt);
        code.Load(U64, R3, R10, Address);
        code.JumpIf(R3, BpfCompare.NotEqual, 0, "bound");
        code.Load(U32, R3, R10, Address + 8);
        code.Move(R4, Mapped);
        code.Subtract(R3, R4);
        code.ShiftLeft(R3, 32);
        code.JumpIf(R3, BpfCompare.NotEqual, 0, "bound");
        code.SetBit(ConnectedIPv4At);

        // set(addresses[address], port); return 0;
        code.Label("bound");
        code.FindOrInsert(addresses, Address, R8, UdpWalkLayout.ZeroesAt, "full");
        code.FindBit(R0, R9);
        code.SetBit(0);
        code.Jump("out");

        // full: walk.full++; out: return 0;
        code.Label("full");
        code.Increase(R8, UdpWalkLayout.FullAt);
        code.Label("out");
        code.Return(0);
        return code;
    }
}
