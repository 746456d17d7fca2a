using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>
/// The network namespace that a thread starts in and returns to. It is the exporter's own and lives as long as the
/// exporter, so an open descriptor does not prolong its life.
/// </summary>
/// <param name="proc">The procfs that shows the namespace.</param>
sealed class HomeNamespace(ProcMount proc) : IDisposable
{
    SafeFileHandle? _own;
    FileIdentity _identity;

    /// <summary>
    /// Opens the namespace, once. Returns null, or the reason why the thread must not leave it: it could not return, or
    /// did not return last time.
    /// </summary>
    public Missing? Remember()
    {
        var path = proc.PathOf("thread-self/ns/net");
        var now = FileIdentity.Read(path);
        if (_own is not null)
        {
            return now.TryGet(out var here) && here == _identity
                ? null
                : now.Missing ?? new(Absence.Failed, $"{path}: not the exporter's own");
        }

        var opened = Fcntl.open(path, Fcntl.O_RDONLY | Fcntl.O_CLOEXEC);
        if (opened.IsInvalid)
        {
            var error = Marshal.GetLastPInvokeError();
            opened.Dispose();
            return Missing.FromErrno(error, path, KernelCall.ProcessFile);
        }

        _own = opened;
        _identity = now.TryGet(out var own) ? own : default;
        return now.Missing;
    }

    /// <summary>
    /// Moves the calling thread back. Where setns() is not permitted, the thread never left, and the refusal changes
    /// nothing.
    /// </summary>
    public void Return() => _ = Sched.setns(_own!, Sched.CLONE_NEWNET);

    public void Dispose() => _own?.Dispose();
}
