using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;

namespace OpenClaw.Kernel;

/// <summary>A descriptor that whoever started this process left open for it.</summary>
public static class InheritedDescriptor
{
    /// <summary>
    /// Keeps it from the processes that this one starts (fcntl(2), F_SETFD); whether it is open at all.
    /// </summary>
    public static bool CloseOnExec(int descriptor) => Fcntl.fcntl(descriptor, Fcntl.F_SETFD, Fcntl.FD_CLOEXEC) == 0;

    /// <summary>The error of <see cref="Write"/> when nobody reads the pipe any more.</summary>
    public const int BrokenPipe = Errno.EPIPE;

    /// <summary>Writes all the bytes, and waits for a reader that is slow; 0, or the errno value of write(2).</summary>
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
                    // Whoever shares the descriptor has made it non-blocking.
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
