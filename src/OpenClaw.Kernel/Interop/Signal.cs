using System.Runtime.InteropServices;

namespace OpenClaw.Kernel.Interop;

/// <summary>signal.h</summary>
static partial class Signal
{
    /// <summary>SIGSTOP of asm-generic/signal.h, which is the same on x86 and ARM.</summary>
    public const int SIGSTOP = 19;
    public const int SIGINT = 2;
    public const int SIGQUIT = 3;
    public const int SIGKILL = 9;
    public const int SIGTERM = 15;

    // int kill(pid_t pid, int sig);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int pid, int sig);
}
