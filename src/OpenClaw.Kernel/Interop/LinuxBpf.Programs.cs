using Microsoft.Win32.SafeHandles;

namespace OpenClaw.Kernel.Interop;

/// <summary>The calls for programs.</summary>
static unsafe partial class LinuxBpf
{
    /// <summary>Loads a program. The verifier writes its reasons into the log, where there is room for one.</summary>
    public static SafeFileHandle bpf_prog_load(
        uint prog_type,
        uint expected_attach_type,
        uint attach_btf_id,
        ReadOnlySpan<ulong> insns,
        ReadOnlySpan<byte> license,
        Span<byte> log
    )
    {
        fixed (ulong* i = insns)
        {
            fixed (
                byte* l = license,
                    g = log
            )
            {
                var attr = new bpf_attr
                {
                    prog_type = prog_type,
                    insn_cnt = (uint)insns.Length,
                    insns = i,
                    license = l,
                    log_level = log.IsEmpty ? 0u : 1u,
                    log_size = (uint)log.Length,
                    log_buf = g,
                    prog_flags = prog_type == BPF_PROG_TYPE_SYSCALL ? BPF_F_SLEEPABLE : 0,
                    prog_name = BitConverter.ToUInt64("openclaw"u8),
                    expected_attach_type = expected_attach_type,
                    attach_btf_id = attach_btf_id,
                };
                return new(bpf(BPF_PROG_LOAD, ref attr), ownsHandle: true);
            }
        }
    }

    /// <summary>Calls a program. Returns -1, or 0 with what the program returned.</summary>
    public static int bpf_prog_run(SafeFileHandle program, out uint returned)
    {
        var attr = new bpf_attr { run_prog_fd = (int)program.DangerousGetHandle() };
        var result = (int)bpf(BPF_PROG_RUN, ref attr);
        returned = attr.retval;
        return result;
    }

    /// <summary>
    /// Attaches a program to the raw tracepoint of this name; without a name, to the one it was loaded for. Closing the
    /// descriptor detaches it.
    /// </summary>
    public static SafeFileHandle bpf_raw_tracepoint_open(ReadOnlySpan<byte> name, SafeFileHandle program)
    {
        fixed (byte* n = name)
        {
            var attr = new bpf_attr { name = n, prog_fd = (int)program.DangerousGetHandle() };
            return new(bpf(BPF_RAW_TRACEPOINT_OPEN, ref attr), ownsHandle: true);
        }
    }

    /// <summary>Attaches a program to the iterator that it was loaded for.</summary>
    public static SafeFileHandle bpf_link_create(SafeFileHandle program, uint attach_type)
    {
        var attr = new bpf_attr { link_prog_fd = (int)program.DangerousGetHandle(), attach_type = attach_type };
        return new(bpf(BPF_LINK_CREATE, ref attr), ownsHandle: true);
    }

    /// <summary>Begins a pass of an iterator. read() returns the output of its program.</summary>
    public static SafeFileHandle bpf_iter_create(SafeFileHandle link)
    {
        var attr = new bpf_attr { link_fd = (int)link.DangerousGetHandle() };
        return new(bpf(BPF_ITER_CREATE, ref attr), ownsHandle: true);
    }
}
