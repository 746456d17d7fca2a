using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>
/// Runs work in other namespaces on a thread of its own. A thread that entered a namespace stays in it. So no other
/// work runs on that thread, and it ends with the work. Then it no longer keeps the namespace alive.
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

    /// <summary>
    /// Moves the calling thread into a namespace. Returns null, or the reason why it cannot. Needs CAP_SYS_ADMIN.
    /// </summary>
    /// <param name="path">A file that represents the namespace.</param>
    /// <param name="kind">The required kind of namespace.</param>
    /// <param name="identity">The required namespace: a path with a process's id may lead to another one by now. Null
    /// for any.</param>
    public static Missing? Enter(string path, int kind, FileIdentity? identity = null)
    {
        using var file = Fcntl.open(path, Fcntl.O_RDONLY | Fcntl.O_CLOEXEC);
        if (file.IsInvalid)
            return Missing.FromErrno(Marshal.GetLastPInvokeError(), path, KernelCall.ProcessFile);
        if (identity is { } wanted)
        {
            var opened = FileIdentity.Read(file, path);
            if (!opened.TryGet(out var found) || found != wanted)
                return opened.Missing ?? new(Absence.Gone, $"{path}: is another namespace now");
        }

        return Sched.setns(file, kind) != 0
            ? Missing.FromErrno(Marshal.GetLastPInvokeError(), $"setns({path})", KernelCall.ProcessFile)
            : null;
    }
}
