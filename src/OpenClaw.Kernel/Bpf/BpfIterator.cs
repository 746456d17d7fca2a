using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Bpf;

/// <summary>Takes a piece of the output of an iterator, which has whole records.</summary>
delegate void BpfOutputReceiver(ReadOnlySpan<byte> output);

/// <summary>
/// A program in the kernel that runs once for each object of a kind, as often as it is read. It ends with this process.
/// </summary>
sealed class BpfIterator : IDisposable
{
    /// <summary>The length of the kernel's own buffer for the output (bpf_seq_read): 8 pages of 4 KiB.</summary>
    const int BufferLength = 32 * 1024;

    readonly SafeFileHandle _link;

    BpfIterator(SafeFileHandle link) => _link = link;

    /// <summary>Loads and attaches a program.</summary>
    /// <param name="code">The program. Its context is the object.</param>
    /// <param name="function">The number of the function bpf_iter_NAME.</param>
    public static Reading<BpfIterator> Attach(BpfAssembler code, int function)
    {
        var loaded = BpfProgram.Load(code, LinuxBpf.BPF_PROG_TYPE_TRACING, LinuxBpf.BPF_TRACE_ITER, function);
        if (!loaded.TryGet(out var program))
            return loaded.Missing!;
        using (program)
        {
            var link = LinuxBpf.bpf_link_create(program, LinuxBpf.BPF_TRACE_ITER);
            if (!link.IsInvalid)
                return new BpfIterator(link);
            var error = Marshal.GetLastPInvokeError();
            link.Dispose();
            return BpfRefusal.From(error, "BPF_LINK_CREATE");
        }
    }

    /// <summary>
    /// Passes all objects to a program without output. Returns the failure; null when the pass is complete.
    /// </summary>
    public Missing? Read(Deadline deadline) => Read(static _ => { }, deadline);

    /// <summary>Passes all objects. Returns the failure; null when the pass is complete.</summary>
    /// <param name="take">Takes the output.</param>
    /// <param name="deadline">The deadline.</param>
    public Missing? Read(BpfOutputReceiver take, Deadline deadline)
    {
        using var pass = LinuxBpf.bpf_iter_create(_link);
        if (pass.IsInvalid)
            return BpfRefusal.From(Marshal.GetLastPInvokeError(), "BPF_ITER_CREATE");
        var buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        try
        {
            while (!deadline.HasPassed)
            {
                var length = (int)Unistd.read(pass, buffer, BufferLength);
                if (length == 0)
                    return null;
                if (length > 0)
                    take(buffer.AsSpan(0, length));
                // After very many objects without output, the kernel asks to be called again.
                else if (Marshal.GetLastPInvokeError() is var error and not (Errno.EAGAIN or Errno.EINTR))
                    return BpfRefusal.From(error, "BPF_ITER_CREATE");
            }

            return new(Absence.TimedOut, "bpf(BPF_ITER_CREATE): deadline passed");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose() => _link.Dispose();
}
