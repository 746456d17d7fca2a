using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Bpf;

/// <summary>
/// A program in the kernel that runs when this process calls it, in the calling thread. It ends with this process.
/// </summary>
sealed class BpfCall : IDisposable
{
    readonly SafeFileHandle _program;

    BpfCall(SafeFileHandle program) => _program = program;

    /// <summary>Loads a program without arguments.</summary>
    public static Reading<BpfCall> Load(BpfAssembler code) =>
        BpfProgram
            .Load(code, LinuxBpf.BPF_PROG_TYPE_SYSCALL, attach: 0, type: 0)
            .Select(static program => new BpfCall(program));

    /// <summary>Calls it. Returns what it returned.</summary>
    public Reading<uint> Run() =>
        LinuxBpf.bpf_prog_run(_program, out var returned) == 0
            ? returned
            : BpfRefusal.From(Marshal.GetLastPInvokeError(), "BPF_PROG_RUN");

    public void Dispose() => _program.Dispose();
}
