using System.Runtime.InteropServices;

namespace OpenClaw.Kernel.Interop;

/// <summary>time.h</summary>
static partial class Time
{
    public const int CLOCK_BOOTTIME = 7;

    /// <summary>struct timespec with 64-bit members, as on every 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct timespec
    {
        public long tv_sec;
        public long tv_nsec;
    }

    // int clock_gettime(clockid_t clockid, struct timespec *tp);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int clock_gettime(int clockid, out timespec tp);
}
