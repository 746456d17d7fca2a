using OpenClaw.Kernel.Bpf;
using static OpenClaw.Kernel.Bpf.BpfRegister;
using static OpenClaw.Kernel.Bpf.BpfWidth;
using static OpenClaw.Kernel.Interop.LinuxBpf;
using static OpenClaw.Kernel.Sockets.TcpWalkLayout;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// The program that walks the hash of all connections itself (tcp_hashinfo.ehash). It takes no lock and no reference,
/// so it needs a quarter of the iterator's time to pass a socket. Until it unlocks RCU, the kernel gives the memory of
/// a socket only to another socket. A socket that closes or goes to TIME_WAIT in that time may be missed.
/// </summary>
sealed partial class TcpWalkListing
{
    /// <summary>The names of the kernel for it, since Linux 6.4.</summary>
    public static readonly string[] OfHash =
    [
        "bpf_rcu_read_lock",
        "bpf_rcu_read_unlock",
        "bpf_rdonly_cast",
        "bpf_iter_num_new",
        "bpf_iter_num_next",
        "bpf_iter_num_destroy",
        "struct sock_common",
        "struct tcp_sock",
        "struct tcp_timewait_sock",
        "struct timespec64",
        "struct tcp_mib",
        "task_struct.nsproxy",
        "nsproxy.net_ns",
        "net.ipv4",
        "netns_ipv4.tcp_death_row",
        "inet_timewait_death_row.hashinfo",
        "inet_hashinfo.ehash",
        "inet_hashinfo.ehash_mask",
        "sock_common.skc_nulls_node",
        "sock_common.skc_net",
        "net.ns",
        "ns_common.inum",
    ];

    // The results of the program: it has passed all sockets, or has to be called again. Any other is a failure.
    public const uint IsComplete = 0;
    public const uint GoesOn = 1;
    const int Unfinished = 2;

    /// <summary>The steps of a call, some milliseconds of a CPU at most. It ends with a whole chain.</summary>
    const int StepsOfCall = 16 * 1024;

    /// <summary>The limit on steps, for a chain without an end.</summary>
    const int StepsAtMost = 1024 * 1024;

    /// <summary>The places that are looked at together. The kernel's struct tcp_mib has more numbers.</summary>
    const int PlacesAtOnce = 8;

    // The stack, further down.
    const int Table = Number - 8;
    const int LastPlace = Table - 8;
    const int Steps = LastPlace - 8;

    public static BpfAssembler WriteHash(Dictionary<string, int> facts, TcpWalkMaps maps)
    {
        var listing = new TcpWalkListing(facts, maps, isIterator: false);
        listing.WriteHash();
        return listing._code;
    }

    void WriteHash()
    {
        // int walk() { struct net *net = bpf_get_current_task_btf()->nsproxy->net_ns;
        _code.Call(BPF_FUNC_get_current_task_btf);
        _code.Load(U64, R6, R0, facts["task_struct.nsproxy"]);
        _code.Load(U64, R6, R6, facts["nsproxy.net_ns"]);
        _code.LoadMapValue(R8, maps.Walk);

        // struct inet_hashinfo *hash = net->ipv4.tcp_death_row.hashinfo; last = hash->ehash_mask; table = hash->ehash;
        var deathRow = facts["net.ipv4"] + facts["netns_ipv4.tcp_death_row"];
        _code.Load(U64, R7, R6, deathRow + facts["inet_timewait_death_row.hashinfo"]);
        _code.Load(U32, R1, R7, facts["inet_hashinfo.ehash_mask"]);
        _code.Store(U64, R10, LastPlace, R1);
        _code.Move(R1, R7);
        _code.Add(R1, facts["inet_hashinfo.ehash"]);
        ReadNumber(R10, Table);
        ForgetPlacesOfAnotherHash();

        // A chain ends with twice the number of its place, plus 1: u64 node = 2 * place - 1;
        _code.Load(U64, R1, R8, PlaceAt);
        _code.ShiftLeft(R1, 1);
        _code.Add(R1, -1);
        _code.Store(U64, R8, NodeAt, R1);
        ClearSocket();

        // collected = 0; counted = NotYet; result = Unfinished;
        _code.Store(U64, R8, CollectedAt, 0);
        _code.Store(U64, R8, CountedAt, NotYet);
        _code.Store(U64, R8, ResultAt, Unfinished);

        // bpf_rcu_read_lock(); bpf_for(step, 0, StepsAtMost) {
        _code.CallKernel(facts["bpf_rcu_read_lock"]);
        _code.LoadStack(R1, Steps);
        _code.Move(R2, 0);
        _code.Move(R3, StepsAtMost);
        _code.CallKernel(facts["bpf_iter_num_new"]);
        _code.Label("out");
        _code.Move(R7, 0);
        _code.Move(R9, 0);
        _code.LoadStack(R1, Steps);
        _code.CallKernel(facts["bpf_iter_num_next"]);
        _code.JumpIf(R0, BpfCompare.Equal, 0, "changed");

        CountCollected();

        // collect: if (!(node & 1)) goto socket;
        _code.Label("collect");
        _code.Load(U64, R9, R8, NodeAt);
        _code.Move(R1, R9);
        _code.And(R1, 1);
        _code.JumpIf(R1, BpfCompare.Equal, 0, "socket");

        // if (node != 2 * place - 1) goto changed; if (place > last) goto complete;
        _code.Load(U64, R3, R8, PlaceAt);
        _code.Move(R1, R3);
        _code.ShiftLeft(R1, 1);
        _code.Add(R1, -1);
        _code.JumpIf(R1, BpfCompare.NotEqual, R9, "changed");
        _code.Load(U64, R2, R10, LastPlace);
        _code.JumpIf(R3, BpfCompare.Greater, R2, "complete");

        // if (step >= StepsOfCall) goto later;
        _code.Load(U32, R1, R0, 0);
        _code.JumpIf(R1, BpfCompare.GreaterOrEqual, StepsOfCall, "later");
        FindPlace();
        PassPlaces();

        // last: node = table[place++].first;
        _code.Label("last");
        LoadPlace();
        _code.Add(R3, 1);
        _code.Store(U64, R8, PlaceAt, R3);
        ReadNumber(R8, NodeAt);
        _code.Jump("out");

        // socket: struct sock_common *sk = container_of(node, …, skc_nulls_node); node = node->next;
        _code.Label("socket");
        _code.Move(R1, R9);
        ReadNumber(R8, NodeAt);
        _code.Move(R1, R9);
        _code.Add(R1, -facts["sock_common.skc_nulls_node"]);
        ReadAs("sock_common");
        _code.Move(R7, R0);
        Collect();

        // later: result = GoesOn; counted = 0; continue;
        _code.Label("later");
        _code.Store(U64, R8, ResultAt, (int)GoesOn);
        _code.Store(U64, R8, CountedAt, 0);
        _code.Jump("out");

        // complete: result = IsComplete; counted = 0; continue; }
        _code.Label("complete");
        _code.Store(U64, R8, ResultAt, (int)IsComplete);
        _code.Store(U64, R8, CountedAt, 0);
        _code.Jump("out");

        // changed: end: bpf_iter_num_destroy(&it); bpf_rcu_read_unlock(); return result;
        _code.Label("changed");
        _code.Store(U64, R8, ResultAt, Unfinished);
        _code.Label("end");
        _code.Load(U64, R9, R8, ResultAt);
        _code.LoadStack(R1, Steps);
        _code.CallKernel(facts["bpf_iter_num_destroy"]);
        _code.CallKernel(facts["bpf_rcu_read_unlock"]);
        _code.Return(R9);
    }

    /// <summary>
    /// Passes the places up to the next chain that is not empty, where they are not the last ones. R2 is the last
    /// place, and R3 the next one.
    /// </summary>
    void PassPlaces()
    {
        // if (last - place < PlacesAtOnce) goto last;
        _code.Subtract(R2, R3);
        _code.JumpIf(R2, BpfCompare.SignedGreater, PlacesAtOnce - 1, "some");
        _code.Jump("last");

        // for (i = 0; i < PlacesAtOnce; i++) { node = table[place++].first; if (!(node & 1)) break; } continue;
        _code.Label("some");
        LoadPlace();
        ReadAs("tcp_mib");
        _code.Load(U64, R3, R8, PlaceAt);
        for (var i = 0; i < PlacesAtOnce; i++)
        {
            _code.Load(U64, R1, R0, i * sizeof(ulong));
            _code.Add(R3, 1);
            _code.Move(R2, R1);
            _code.And(R2, 1);
            _code.JumpIf(R2, BpfCompare.Equal, 0, "chain");
        }

        _code.Label("chain");
        _code.Store(U64, R8, PlaceAt, R3);
        _code.Store(U64, R8, NodeAt, R1);
        _code.Jump("out");
    }

    /// <summary>R1 = the address of table[R3]. It destroys R2.</summary>
    void LoadPlace()
    {
        _code.Load(U64, R1, R10, Table);
        _code.Move(R2, R3);
        _code.ShiftLeft(R2, 3);
        _code.Add(R1, R2);
    }

    /// <summary>
    /// Stores the number of 64 bits at the address in R1. The verifier lets a program calculate with a number, and not
    /// with a pointer.
    /// </summary>
    void ReadNumber(BpfRegister to, int offset)
    {
        ReadAs("timespec64");
        _code.Load(U64, R1, R0, 0);
        _code.Store(U64, to, offset, R1);
    }

    /// <summary>R0 = the address in R1, as a pointer to this structure.</summary>
    void ReadAs(string structure)
    {
        _code.Move(R2, facts["struct " + structure]);
        _code.CallKernel(facts["bpf_rdonly_cast"]);
    }
}
