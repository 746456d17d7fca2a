using System.Runtime.InteropServices;
using OpenClaw.Kernel.Bpf;
using OpenClaw.Kernel.Sampling;
using static OpenClaw.Kernel.Bpf.BpfRegister;
using static OpenClaw.Kernel.Bpf.BpfWidth;
using static OpenClaw.Kernel.Interop.LinuxBpf;

namespace OpenClaw.Kernel.Holders;

/// <summary>
/// The program in the kernel that finds the processes of sockets in one pass over all descriptors (iter/task_file). A
/// descriptor takes about 0.5 µs, where its link in /proc takes 2 µs or more. It needs no right to look into other
/// processes. Threads are passed only where their table of descriptors is their own.
/// </summary>
/// <remarks>All network namespaces share the filter, so only one pass runs at a time.</remarks>
sealed class TaskFileProgram : IDisposable
{
    const string Function = "bpf_iter_task_file";

    /// <summary>
    /// The words of the filter, a bit for each of 262,144 inodes. The kernel counts inodes up, so few others share the
    /// bits of some ten thousand.
    /// </summary>
    const int FilterWords = 4096;

    static readonly string[] Wanted =
    [
        Function,
        "bpf_iter__task_file.meta",
        "bpf_iter__task_file.task",
        "bpf_iter__task_file.file",
        "bpf_iter_meta.seq",
        "task_struct.tgid",
        "file.f_inode",
        "inode.i_ino",
    ];

    readonly Lock _oneAtATime = new();
    readonly BpfParts _parts;
    readonly BpfMap _filter;
    readonly BpfIterator _iterator;

    TaskFileProgram(BpfParts parts, BpfMap filter, BpfIterator iterator) =>
        (_parts, _filter, _iterator) = (parts, filter, iterator);

    /// <summary>Loads and attaches the program. Needs CAP_BPF and CAP_PERFMON.</summary>
    /// <param name="types">The path of the kernel's BTF.</param>
    public static Reading<TaskFileProgram> Attach(string types)
    {
        var parts = new BpfParts();
        var filter = parts.Make(static () => BpfMap.OneValue(FilterWords * sizeof(ulong)));
        var iterator = parts.Make(() =>
            Btf.Find(types, Wanted).Then(facts => BpfIterator.Attach(Listing(facts, filter!), facts[Function]))
        );
        return parts.Refusal is { } missing ? missing : new TaskFileProgram(parts, filter!, iterator!);
    }

    /// <summary>
    /// Passes the descriptors of all processes that are among some sockets. The ids of processes are those of the first
    /// pid namespace. Returns the failure; null when all were passed.
    /// </summary>
    /// <param name="sockets">The sockets.</param>
    /// <param name="take">Takes the id of a process, and the place of its socket.</param>
    /// <param name="deadline">The deadline.</param>
    public Missing? Read(InodePlaces sockets, Action<int, int> take, Deadline deadline)
    {
        if (!_oneAtATime.TryEnter(deadline.Remaining))
            return new(Absence.TimedOut, "bpf iter/task_file: deadline passed while another search ran");
        try
        {
            var filter = new ulong[FilterWords];
            sockets.MarkIn(filter);
            return _filter.Write(MemoryMarshal.AsBytes(filter.AsSpan()))
                ?? _iterator.Read(output => Take(output, sockets, take), deadline);
        }
        finally
        {
            _oneAtATime.Exit();
        }
    }

    public void Dispose() => _parts.Dispose();

    static void Take(ReadOnlySpan<byte> output, InodePlaces sockets, Action<int, int> take)
    {
        for (; output.Length >= SocketDescriptor.Length; output = output[SocketDescriptor.Length..])
        {
            if (
                SocketDescriptor.TryRead(output, out var descriptor)
                && sockets.Find(descriptor.Inode) is >= 0 and var place
            )
            {
                take(descriptor.Pid, place);
            }
        }
    }

    /// <summary>Writes the program. The comments are the C statements.</summary>
    static BpfAssembler Listing(Dictionary<string, int> facts, BpfMap filter)
    {
        var code = new BpfAssembler();

        // int socket(struct bpf_iter__task_file *ctx)
        // struct file *file = ctx->file; if (!file) return 0;
        code.Move(R6, R1);
        code.Load(U64, R7, R6, facts["bpf_iter__task_file.file"]);
        code.JumpIf(R7, BpfCompare.Equal, 0, "out");

        // struct task_struct *task = ctx->task; if (!task) return 0;
        code.Load(U64, R8, R6, facts["bpf_iter__task_file.task"]);
        code.JumpIf(R8, BpfCompare.Equal, 0, "out");

        // if (!bpf_sock_from_file(file)) return 0;
        code.Move(R1, R7);
        code.Call(BPF_FUNC_sock_from_file);
        code.JumpIf(R0, BpfCompare.Equal, 0, "out");

        // record.inode = file->f_inode->i_ino;
        code.Load(U64, R1, R7, facts["file.f_inode"]);
        code.Load(U64, R1, R1, facts["inode.i_ino"]);
        code.Store(U64, R10, SocketDescriptor.InodeAt - SocketDescriptor.Length, R1);

        // if (!(filter[inode / 64 % WORDS] & 1 << inode % 64)) return 0;
        code.LoadMapValue(R3, filter);
        code.Move(R2, R1);
        code.ShiftRight(R2, 6);
        code.And(R2, FilterWords - 1);
        code.ShiftLeft(R2, 3);
        code.Add(R3, R2);
        code.Load(U64, R3, R3, 0);
        code.And(R1, 63);
        code.Move(R2, 1);
        code.ShiftLeft(R2, R1);
        code.And(R3, R2);
        code.JumpIf(R3, BpfCompare.Equal, 0, "out");

        // record.pid = task->tgid;
        code.Load(U32, R1, R8, facts["task_struct.tgid"]);
        code.Store(U64, R10, -SocketDescriptor.Length, R1);

        // bpf_seq_write(ctx->meta->seq, &record, sizeof(record)); out: return 0;
        code.Load(U64, R1, R6, facts["bpf_iter__task_file.meta"]);
        code.Load(U64, R1, R1, facts["bpf_iter_meta.seq"]);
        code.LoadStack(R2, -SocketDescriptor.Length);
        code.Move(R3, SocketDescriptor.Length);
        code.Call(BPF_FUNC_seq_write);
        code.Label("out");
        code.Return(0);
        return code;
    }
}
