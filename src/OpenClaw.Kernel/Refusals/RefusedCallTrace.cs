using System.Collections.Immutable;
using OpenClaw.Kernel.Bpf;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;
using static OpenClaw.Kernel.Bpf.BpfRegister;
using static OpenClaw.Kernel.Bpf.BpfWidth;
using static OpenClaw.Kernel.Interop.LinuxBpf;

namespace OpenClaw.Kernel.Refusals;

/// <summary>
/// Traces the refused calls of the whole machine, until it is disposed. The program runs after every system call of
/// every process, which takes about 70 ns.
/// </summary>
public sealed class RefusedCallTrace : IDisposable
{
    /// <summary>The room for calls that were not taken yet: about 2,700.</summary>
    const int RingLength = 256 * 1024;

    // The greatest errno that is looked for. Successes and other results leave the program after four instructions.
    const int ErrorAtMost = 128;

    // The stack, from its end downwards.
    const int Record = -RefusedCall.Length;
    const int Scratch = Record - sizeof(ulong);

    static readonly string[] Wanted =
    [
        "task_struct.group_leader",
        "task_struct.comm",
        "task_struct.nsproxy",
        "nsproxy.net_ns",
        "net.ns",
        "ns_common.inum",
    ];

    static readonly ImmutableArray<int> Errors =
    [
        Errno.EAGAIN,
        Errno.ENFILE,
        Errno.EMFILE,
        Errno.ENOSPC,
        Errno.EADDRINUSE,
        Errno.EADDRNOTAVAIL,
        Errno.ENOBUFS,
    ];

    readonly BpfParts _parts;
    readonly BpfRing _ring;
    readonly BpfMap _lost;

    RefusedCallTrace(BpfParts parts, BpfRing ring, BpfMap lost) => (_parts, _ring, _lost) = (parts, ring, lost);

    /// <summary>The number of calls that found no room, because they were not taken in time.</summary>
    public ulong Lost => _lost.ReadNumber().TryGet(out var lost) ? lost : 0;

    /// <summary>Attaches the program. Needs CAP_BPF and CAP_PERFMON.</summary>
    /// <param name="sysfs">The mount point of sysfs.</param>
    public static Reading<RefusedCallTrace> Begin(string sysfs)
    {
        var parts = new BpfParts();
        var ring = parts.Make(static () => BpfRing.Create(RingLength));
        var lost = parts.Make(static () => BpfMap.OneValue(sizeof(ulong)));
        _ = parts.Make(() =>
            Btf.Find(Path.Combine(sysfs, Btf.File), Wanted)
                .Then(facts => BpfProgram.AttachRaw(Listing(facts, ring!.Map, lost!), "sys_exit\0"u8))
        );
        return parts.Refusal is { } missing ? missing : new RefusedCallTrace(parts, ring!, lost!);
    }

    /// <summary>Takes the calls that were refused since the last time.</summary>
    public void Take(Action<RefusedCall> receive) =>
        _ring.Take(record =>
        {
            if (RefusedCall.Read(record) is { } call)
                receive(call);
        });

    /// <summary>Detaches the program.</summary>
    public void Dispose() => _parts.Dispose();

    /// <summary>Writes the program. The comments are the C statements.</summary>
    static BpfAssembler Listing(Dictionary<string, int> facts, BpfMap ring, BpfMap lost)
    {
        var code = new BpfAssembler();

        // int refused(struct pt_regs *regs, long result)
        // place = result + 128; if (place >= 128) return 0; the errno is 128 - place.
        code.Move(R6, R1);
        code.Load(U64, R7, R6, 8);
        code.Add(R7, ErrorAtMost);
        code.JumpIf(R7, BpfCompare.GreaterOrEqual, ErrorAtMost, "out");
        foreach (var error in Errors)
            code.JumpIf(R7, BpfCompare.Equal, ErrorAtMost - error, "number");
        code.Jump("out");

        // int number; bpf_probe_read_kernel(&number, sizeof(number), &regs->orig_rax);
        code.Label("number");
        ReadRegister(code, CallRegisters.Number, sizeof(uint));
        code.Load(U32, R8, R10, Scratch);

        // if (errno == EAGAIN && !refuses_with_again(number)) return 0; likewise ENOSPC and inotify_add_watch.
        code.JumpIf(R7, BpfCompare.Equal, ErrorAtMost - Errno.EAGAIN, "again");
        code.JumpIf(R7, BpfCompare.Equal, ErrorAtMost - Errno.ENOSPC, "space");
        JumpIfOneOf(code, static call => true);
        code.Label("again");
        JumpIfOneOf(code, static call => call.RefusesWithAgain);
        code.Label("space");
        JumpIfOneOf(code, static call => call.Name == "inotify_add_watch");

        // record.number = number; record.error = errno;
        code.Label("record");
        for (var at = 0; at < RefusedCall.Length; at += sizeof(ulong))
            code.Store(U64, R10, Record + at, 0);
        code.Store(U32, R10, Record + RefusedCall.NumberAt, R8);
        code.Move(R1, ErrorAtMost);
        code.Subtract(R1, R7);
        code.Store(U32, R10, Record + RefusedCall.ErrorAt, R1);

        // record.time = bpf_ktime_get_ns(); record.cgroup = bpf_get_current_cgroup_id();
        code.Call(BPF_FUNC_ktime_get_ns);
        code.Store(U64, R10, Record + RefusedCall.TimeAt, R0);
        code.Call(BPF_FUNC_get_current_cgroup_id);
        code.Store(U64, R10, Record + RefusedCall.CgroupAt, R0);

        // record.pid = bpf_get_current_pid_tgid() >> 32;
        code.Call(BPF_FUNC_get_current_pid_tgid);
        code.ShiftRight(R0, 32);
        code.Store(U32, R10, Record + RefusedCall.PidAt, R0);

        // record.netns = current->nsproxy->net_ns->ns.inum;
        code.Call(BPF_FUNC_get_current_task_btf);
        code.Move(R9, R0);
        code.Load(U64, R1, R9, facts["task_struct.nsproxy"]);
        code.JumpIf(R1, BpfCompare.Equal, 0, "comm");
        code.Load(U64, R1, R1, facts["nsproxy.net_ns"]);
        code.Load(U32, R1, R1, facts["net.ns"] + facts["ns_common.inum"]);
        code.Store(U32, R10, Record + RefusedCall.NamespaceAt, R1);

        // bpf_probe_read_kernel(record.comm, sizeof(record.comm), current->group_leader->comm);
        code.Label("comm");
        code.Load(U64, R3, R9, facts["task_struct.group_leader"]);
        code.Add(R3, facts["task_struct.comm"]);
        code.LoadStack(R1, Record + RefusedCall.CommAt);
        code.Move(R2, RefusedCall.CommLength);
        code.Call(BPF_FUNC_probe_read_kernel);

        // if (number == SYS_bind || number == SYS_connect) read the address, at first as much as IPv4 has.
        foreach (var call in SystemCalls.All)
        {
            if (call.HasAddress)
                code.JumpIf(R8, BpfCompare.Equal, call.Number, "address");
        }

        code.Jump("send");
        code.Label("address");
        ReadRegister(code, CallRegisters.Second, sizeof(ulong));
        code.Load(U64, R9, R10, Scratch);
        ReadAddress(code, RefusedCall.ShortAddressLength);
        code.Load(U16, R1, R10, Record + RefusedCall.AddressAt);
        code.JumpIf(R1, BpfCompare.NotEqual, SysSocket.AF_INET6, "send");
        ReadAddress(code, RefusedCall.AddressLength);

        // if (bpf_ringbuf_output(&ring, &record, sizeof(record), 0)) __sync_fetch_and_add(&lost, 1);
        code.Label("send");
        code.LoadMap(R1, ring);
        code.LoadStack(R2, Record);
        code.Move(R3, RefusedCall.Length);
        code.Move(R4, 0);
        code.Call(BPF_FUNC_ringbuf_output);
        code.JumpIf(R0, BpfCompare.Equal, 0, "out");
        code.LoadMapValue(R1, lost);
        code.Move(R2, 1);
        code.AddAtomically(R1, 0, R2);
        code.Label("out");
        code.Return(0);
        return code;
    }

    /// <summary>if (number is one of the calls) goto record; else goto out;</summary>
    static void JumpIfOneOf(BpfAssembler code, Func<SystemCall, bool> includes)
    {
        foreach (var call in SystemCalls.All)
        {
            if (call.Number >= 0 && includes(call))
                code.JumpIf(R8, BpfCompare.Equal, call.Number, "record");
        }

        code.Jump("out");
    }

    /// <summary>bpf_probe_read_kernel(scratch, length, (void *)regs + offset);</summary>
    static void ReadRegister(BpfAssembler code, int offset, int length)
    {
        code.Load(U64, R3, R6, 0);
        code.Add(R3, offset);
        code.LoadStack(R1, Scratch);
        code.Move(R2, length);
        code.Call(BPF_FUNC_probe_read_kernel);
    }

    /// <summary>bpf_probe_read_user(record.address, length, address);</summary>
    static void ReadAddress(BpfAssembler code, int length)
    {
        code.LoadStack(R1, Record + RefusedCall.AddressAt);
        code.Move(R2, length);
        code.Move(R3, R9);
        code.Call(BPF_FUNC_probe_read_user);
    }
}
