using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Bpf;

/// <summary>
/// A program in the kernel, attached to a tracepoint until it is disposed. It ends with this process.
/// </summary>
sealed class BpfProgram : IDisposable
{
    const int LogLength = 64 * 1024;

    /// <summary>The limit on lines of the verifier's log in a reason: its last ones name the cause.</summary>
    const int LogLinesAtMost = 3;

    readonly SafeFileHandle _link;

    BpfProgram(SafeFileHandle link) => _link = link;

    /// <summary>The verifier lets only programs with a GPL-compatible license read structures of the kernel.</summary>
    static ReadOnlySpan<byte> License => "Dual MIT/GPL\0"u8;

    /// <summary>Attaches a program to a tracepoint with typed arguments (tp_btf).</summary>
    /// <param name="code">The program. Its context is the arguments, 8 bytes each.</param>
    /// <param name="type">The number of the type definition btf_trace_NAME.</param>
    public static Reading<BpfProgram> AttachTyped(BpfAssembler code, int type) =>
        Attach(code, LinuxBpf.BPF_PROG_TYPE_TRACING, LinuxBpf.BPF_TRACE_RAW_TP, type, default);

    /// <summary>Attaches a program to a raw tracepoint, whose arguments are numbers.</summary>
    /// <param name="code">The program. Its context is the arguments, 8 bytes each.</param>
    /// <param name="tracepoint">The name of the tracepoint, with a zero byte at its end.</param>
    public static Reading<BpfProgram> AttachRaw(BpfAssembler code, ReadOnlySpan<byte> tracepoint) =>
        Attach(code, LinuxBpf.BPF_PROG_TYPE_RAW_TRACEPOINT, 0, 0, tracepoint);

    static Reading<BpfProgram> Attach(
        BpfAssembler code,
        uint kind,
        uint attach,
        int type,
        ReadOnlySpan<byte> tracepoint
    )
    {
        var loaded = Load(code, kind, attach, type);
        if (!loaded.TryGet(out var program))
            return loaded.Missing!;
        using var unlinked = program;
        var link = LinuxBpf.bpf_raw_tracepoint_open(tracepoint, program);
        if (!link.IsInvalid)
            return new BpfProgram(link);
        var error = Marshal.GetLastPInvokeError();
        link.Dispose();
        return BpfRefusal.From(error, "BPF_RAW_TRACEPOINT_OPEN");
    }

    /// <summary>Loads a program, which the caller attaches and disposes.</summary>
    /// <param name="code">The program.</param>
    /// <param name="kind">Its type, BPF_PROG_TYPE_*.</param>
    /// <param name="attach">The kind of its place; 0 where there is only one.</param>
    /// <param name="type">The number of the type or function that it is for; 0 for none.</param>
    public static Reading<SafeFileHandle> Load(BpfAssembler code, uint kind, uint attach, int type)
    {
        var instructions = code.ToInstructions();
        var program = LinuxBpf.bpf_prog_load(kind, attach, (uint)type, instructions, License, default);
        if (!program.IsInvalid)
            return program;
        var error = Marshal.GetLastPInvokeError();
        program.Dispose();
        return WhyRefused(error, instructions, kind, attach, type);
    }

    /// <summary>
    /// Loads a refused program again for the verifier's log. An accepted one saves the time for it.
    /// </summary>
    static Missing WhyRefused(int error, ulong[] instructions, uint kind, uint attach, int type)
    {
        var log = new byte[LogLength];
        using var again = LinuxBpf.bpf_prog_load(kind, attach, (uint)type, instructions, License, log);
        var end = log.AsSpan().IndexOf((byte)0);
        var text = Encoding.UTF8.GetString(log, 0, Math.Max(end, 0)).Trim();
        if (text.Length == 0)
            return BpfRefusal.From(error, "BPF_PROG_LOAD");
        var lines = text.Split('\n');
        var last = string.Join("; ", lines[Math.Max(lines.Length - LogLinesAtMost, 0)..]);
        return new(Absence.Failed, $"bpf(BPF_PROG_LOAD): the verifier refuses the program: {last}");
    }

    public void Dispose() => _link.Dispose();
}
