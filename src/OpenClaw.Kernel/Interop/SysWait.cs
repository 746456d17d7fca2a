using System.Runtime.InteropServices;

namespace OpenClaw.Kernel.Interop;

/// <summary>sys/wait.h</summary>
static partial class SysWait
{
    // pid_t waitpid(pid_t pid, int *wstatus, int options);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int waitpid(int pid, out int wstatus, int options);
}
