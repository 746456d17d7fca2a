using OpenClaw.Kernel.Interop;

namespace OpenClaw.Kernel;

/// <summary>The soft limit on the stack of each thread of this process (RLIMIT_STACK of getrlimit(2)).</summary>
public static class StackLimit
{
    /// <summary>Returns the limit in bytes; null where it cannot be read.</summary>
    public static ulong? Read() =>
        SysResource.getrlimit(SysResource.RLIMIT_STACK, out var limits) == 0 ? limits.rlim_cur : null;
}
