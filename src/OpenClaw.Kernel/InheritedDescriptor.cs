using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;

namespace OpenClaw.Kernel;

/// <summary>A file descriptor that the parent process left open for this process.</summary>
public static class InheritedDescriptor
{
    /// <summary>
    /// Sets FD_CLOEXEC (fcntl(2), F_SETFD), so that child processes do not inherit the descriptor. Returns false where
    /// it is not open.
    /// </summary>
    public static bool CloseOnExec(int descriptor) => Fcntl.fcntl(descriptor, Fcntl.F_SETFD, Fcntl.FD_CLOEXEC) == 0;

    /// <summary>The error of <see cref="Write"/> when the pipe has no reader any more.</summary>
    public const int BrokenPipe = Errno.EPIPE;

    /// <summary>Writes all bytes and waits for a slow reader. Returns 0, or the errno value of write(2).</summary>
    public static int Write(int descriptor, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var length = Unistd.write(descriptor, bytes, bytes.Length);
            if (length >= 0)
            {
                bytes = bytes[(int)length..];
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Errno.EINTR:
                    continue;
                case Errno.EAGAIN:
                    // Another process that shares the descriptor made it non-blocking.
                    var ready = new Poll.pollfd { fd = descriptor, events = Poll.POLLOUT };
                    _ = Poll.poll(ref ready, 1, -1);
                    continue;
                case var error:
                    return error;
            }
        }

        return 0;
    }
}
