using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>
/// A thread for work in other namespaces. A namespace is entered by a thread and stays with it, so the thread is never
/// one that others use, and ends with the work: nothing is pinned by it then.
/// </summary>
static class NamespaceThread
{
    /// <summary>Runs work on a thread of its own and waits for it.</summary>
    public static T Run<T>(Func<T> work)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = work();
            }
#pragma warning disable CA1031 // Goes on where it belongs, on the thread that waits.
            catch (Exception error)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(error);
            }
        })
        {
            IsBackground = true,
            Name = "namespaces",
        };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    /// <summary>Moves the calling thread into a namespace; why not, when it cannot. Takes CAP_SYS_ADMIN.</summary>
    /// <param name="path">A file that stands for it.</param>
    /// <param name="kind">Which kind it must be.</param>
    /// <param name="identity">Which one it must be: a path by a process's id may stand for another by now. Any one if
    /// null.</param>
    public static Missing? Enter(string path, int kind, FileIdentity? identity = null)
    {
        using var file = Fcntl.open(path, Fcntl.O_RDONLY | Fcntl.O_CLOEXEC);
        if (file.IsInvalid)
            return Missing.FromErrno(Marshal.GetLastPInvokeError(), path, KernelCall.ProcessFile);
        if (identity is { } wanted)
        {
            var opened = FileIdentity.Read(file, path);
            if (!opened.TryGet(out var found) || found != wanted)
                return opened.Missing ?? new(Absence.NotPresent, $"{path}: is another namespace by now");
        }

        return Sched.setns(file, kind) != 0
            ? Missing.FromErrno(Marshal.GetLastPInvokeError(), $"setns({path})", KernelCall.ProcessFile)
            : null;
    }
}
