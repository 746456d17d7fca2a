using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OpenClaw.Kernel.Interop;

/// <summary>sched.h</summary>
static partial class Sched
{
    public const int CLONE_NEWUTS = 0x04000000;
    public const int CLONE_NEWUSER = 0x10000000;
    public const int CLONE_NEWNET = 0x40000000;

    // int setns(int fd, int nstype);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int setns(SafeFileHandle fd, int nstype);
}
