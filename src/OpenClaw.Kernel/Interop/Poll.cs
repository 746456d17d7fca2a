using System.Runtime.InteropServices;

namespace OpenClaw.Kernel.Interop;

/// <summary>poll.h</summary>
static partial class Poll
{
    public const short POLLIN = 1;
    public const short POLLOUT = 4;

    /// <summary>struct pollfd</summary>
    public struct pollfd
    {
        public int fd;
        public short events;
        public short revents;
    }

    // int poll(struct pollfd *fds, nfds_t nfds, int timeout);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int poll(ref pollfd fds, nuint nfds, int timeout);
}
