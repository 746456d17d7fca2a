using OpenClaw.Kernel.Bpf;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;
using static OpenClaw.Kernel.Bpf.BpfRegister;
using static OpenClaw.Kernel.Bpf.BpfWidth;
using static OpenClaw.Kernel.Interop.LinuxBpf;

namespace OpenClaw.Kernel.Refusals;

/// <summary>
/// The program in the kernel that counts connect() without a free port, for all network namespaces at once. connect()
/// sets the socket to SYN_SENT, looks for a port, and goes back to CLOSE when there is none (tcp_v4_connect,
/// tcp_v6_connect). Only then has the socket no port. A connection that a peer refuses, or that times out, keeps its
/// port number in inet_sport.
/// </summary>
sealed class RefusedConnectProgram : IDisposable
{
    /// <summary>
    /// The number of processes with their destinations that the kernel keeps. Beyond it, it forgets the ones that were
    /// refused longest ago. 80 bytes each, and about as much for the kernel itself.
    /// </summary>
    public const int ElementsAtMost = 4096;

    internal const string Tracepoint = "btf_trace_inet_sock_set_state";

    // include/net/tcp_states.h
    const int TCP_SYN_SENT = 2;
    const int TCP_CLOSE = 7;
    const int AF_INET6 = SysSocket.AF_INET6;

    // The stack, from its end downwards.
    const int Value = -RefusedConnectRecord.ValueLength;
    const int Key = Value - RefusedConnectRecord.KeyLength;

    internal static readonly string[] Wanted =
    [
        Tracepoint,
        "inet_sock.inet_sport",
        "sock_common.skc_family",
        "sock_common.skc_dport",
        "sock_common.skc_daddr",
        "sock_common.skc_v6_daddr",
        "sock_common.skc_net",
        "net.ns",
        "ns_common.inum",
        "task_struct.group_leader",
        "task_struct.comm",
    ];

    readonly BpfParts _parts;
    readonly BpfMap _refused;
    readonly BpfMap _total;

    internal RefusedConnectProgram(BpfParts parts, BpfMap refused, BpfMap total) =>
        (_parts, _refused, _total) = (parts, refused, total);

    /// <summary>The number of all refused calls since the program was attached.</summary>
    public Reading<ulong> ReadTotal() => _total.ReadNumber();

    /// <summary>Reads the elements of the map. Returns the failure; null when all were read.</summary>
    public Missing? ReadAll(BpfElementReceiver receive) => _refused.ReadAll(receive);

    /// <summary>Loads and attaches the program.</summary>
    /// <param name="types">The path of the kernel's BTF.</param>
    /// <param name="elements">The number of elements that the map keeps.</param>
    public static Reading<RefusedConnectProgram> Attach(string types, int elements = ElementsAtMost)
    {
        // The maps come first. Where they are refused, the 5 MB of BTF are not read.
        var parts = new BpfParts();
        var refused = parts.Make(() =>
            BpfMap.LruHash(RefusedConnectRecord.KeyLength, RefusedConnectRecord.ValueLength, elements)
        );
        var total = parts.Make(static () => BpfMap.OneValue(sizeof(ulong)));
        _ = parts.Make(() =>
            Btf.Find(types, Wanted)
                .Then(facts => BpfProgram.AttachTyped(Listing(facts, refused!, total!), facts[Tracepoint]))
        );
        return parts.Refusal is { } missing ? missing : new RefusedConnectProgram(parts, refused!, total!);
    }

    public void Dispose() => _parts.Dispose();

    /// <summary>Writes the program. The comments are the C statements.</summary>
    internal static BpfAssembler Listing(Dictionary<string, int> facts, BpfMap refused, BpfMap total)
    {
        var code = new BpfAssembler();

        // int refused(struct sock *sk, int oldstate, int newstate)
        // if (oldstate != TCP_SYN_SENT || newstate != TCP_CLOSE) return 0;
        code.Load(U64, R2, R1, 8);
        code.JumpIf(R2, BpfCompare.NotEqual, TCP_SYN_SENT, "out");
        code.Load(U64, R2, R1, 16);
        code.JumpIf(R2, BpfCompare.NotEqual, TCP_CLOSE, "out");

        // struct tcp_sock *tp = bpf_skc_to_tcp_sock(sk); if (!tp) return 0;
        // It is NULL for the socket of MPTCP, whose first subflow is counted.
        code.Load(U64, R1, R1, 0);
        code.Call(BPF_FUNC_skc_to_tcp_sock);
        code.JumpIf(R0, BpfCompare.Equal, 0, "out");
        code.Move(R7, R0);

        // if (tp->inet_sport != 0) return 0;
        code.Load(U16, R1, R7, facts["inet_sock.inet_sport"]);
        code.JumpIf(R1, BpfCompare.NotEqual, 0, "out");

        // key.address = sk->skc_family == AF_INET6 ? sk->skc_v6_daddr : ::ffff:sk->skc_daddr;
        code.Load(U16, R1, R7, facts["sock_common.skc_family"]);
        code.JumpIf(R1, BpfCompare.Equal, AF_INET6, "ipv6");
        code.Store(U64, R10, Key + RefusedConnectRecord.AddressAt, 0);
        code.Store(U32, R10, Key + RefusedConnectRecord.AddressAt + 8, unchecked((int)0xffff0000));
        code.Load(U32, R1, R7, facts["sock_common.skc_daddr"]);
        code.Store(U32, R10, Key + RefusedConnectRecord.AddressAt + 12, R1);
        code.Jump("port");
        code.Label("ipv6");
        for (var word = 0; word < 16; word += 4)
        {
            code.Load(U32, R1, R7, facts["sock_common.skc_v6_daddr"] + word);
            code.Store(U32, R10, Key + RefusedConnectRecord.AddressAt + word, R1);
        }

        // key.port = sk->skc_dport; key.netns = sk->skc_net.net->ns.inum;
        code.Label("port");
        code.Load(U16, R1, R7, facts["sock_common.skc_dport"]);
        code.Store(U64, R10, Key + RefusedConnectRecord.PortAt, R1);
        code.Load(U64, R1, R7, facts["sock_common.skc_net"]);
        code.Load(U32, R1, R1, facts["net.ns"] + facts["ns_common.inum"]);
        code.Store(U32, R10, Key + RefusedConnectRecord.NamespaceAt, R1);

        // key.pid = bpf_get_current_pid_tgid() >> 32; key.cgroup = bpf_get_current_cgroup_id();
        code.Call(BPF_FUNC_get_current_pid_tgid);
        code.ShiftRight(R0, 32);
        code.Store(U32, R10, Key + RefusedConnectRecord.PidAt, R0);
        code.Call(BPF_FUNC_get_current_cgroup_id);
        code.Store(U64, R10, Key + RefusedConnectRecord.CgroupAt, R0);

        // now = bpf_ktime_get_ns(); value = bpf_map_lookup_elem(&refused, &key);
        code.Call(BPF_FUNC_ktime_get_ns);
        code.Move(R6, R0);
        code.Find(refused, Key);
        code.JumpIf(R0, BpfCompare.NotEqual, 0, "known");

        // struct value first = { .count = 1, .first = now, .last = now };
        code.Store(U64, R10, Value + RefusedConnectRecord.CountAt, 1);
        code.Store(U64, R10, Value + RefusedConnectRecord.FirstAt, R6);
        code.Store(U64, R10, Value + RefusedConnectRecord.LastAt, R6);

        // bpf_probe_read_kernel(first.comm, sizeof(first.comm), current->group_leader->comm);
        code.Call(BPF_FUNC_get_current_task_btf);
        code.Load(U64, R3, R0, facts["task_struct.group_leader"]);
        code.Add(R3, facts["task_struct.comm"]);
        code.LoadStack(R1, Value + RefusedConnectRecord.CommAt);
        code.Move(R2, RefusedConnectRecord.CommLength);
        code.Call(BPF_FUNC_probe_read_kernel);

        // if (!bpf_map_update_elem(&refused, &key, &first, BPF_NOEXIST)) goto count;
        code.LoadStack(R3, Value);
        code.Insert(refused, Key);
        code.JumpIf(R0, BpfCompare.Equal, 0, "count");

        // Another thread was faster: value = bpf_map_lookup_elem(&refused, &key); if (!value) goto count;
        code.Find(refused, Key);
        code.JumpIf(R0, BpfCompare.Equal, 0, "count");

        // __sync_fetch_and_add(&value->count, 1); value->last = now;
        code.Label("known");
        code.Move(R1, 1);
        code.AddAtomically(R0, RefusedConnectRecord.CountAt, R1);
        code.Store(U64, R0, RefusedConnectRecord.LastAt, R6);

        // count: __sync_fetch_and_add(&total, 1); out: return 0;
        code.Label("count");
        code.LoadMapValue(R1, total);
        code.Move(R2, 1);
        code.AddAtomically(R1, 0, R2);
        code.Label("out");
        code.Return(0);
        return code;
    }
}
