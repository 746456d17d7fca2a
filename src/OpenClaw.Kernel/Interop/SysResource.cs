using System.Runtime.InteropServices;

namespace OpenClaw.Kernel.Interop;

/// <summary>sys/resource.h</summary>
static partial class SysResource
{
    public const int RLIMIT_STACK = 3;
    public const int RLIMIT_NOFILE = 7;
    public const int RLIMIT_AS = 9;
    public const ulong RLIM_INFINITY = ulong.MaxValue;

    /// <summary>struct rlimit with 64-bit members, as on every 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct rlimit
    {
        public ulong rlim_cur;
        public ulong rlim_max;
    }

    // int getrlimit(int resource, struct rlimit *rlim);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int getrlimit(int resource, out rlimit rlim);

    // int setrlimit(int resource, const struct rlimit *rlim);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int setrlimit(int resource, in rlimit rlim);

    // int prlimit(pid_t pid, int resource, const struct rlimit *new_limit, struct rlimit *old_limit);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int prlimit(int pid, int resource, in rlimit new_limit, nint old_limit);

    // The same call, which only reads.
    [LibraryImport("libc", SetLastError = true)]
    public static partial int prlimit(int pid, int resource, nint new_limit, out rlimit old_limit);
}
