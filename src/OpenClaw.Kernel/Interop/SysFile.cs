using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OpenClaw.Kernel.Interop;

/// <summary>sys/file.h</summary>
static partial class SysFile
{
    public const int LOCK_EX = 2;
    public const int LOCK_NB = 4;

    // int flock(int fd, int operation);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int flock(SafeFileHandle fd, int operation);
}
