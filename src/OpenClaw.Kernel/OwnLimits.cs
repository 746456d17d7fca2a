using OpenClaw.Kernel.Interop;

namespace OpenClaw.Kernel;

/// <summary>
/// The soft limits on the memory of this process (getrlimit(2)), in bytes; null where one cannot be read.
/// </summary>
public static class OwnLimits
{
    /// <summary>The stack of each thread (RLIMIT_STACK).</summary>
    public static ulong? Stack => Read(SysResource.RLIMIT_STACK);

    /// <summary>The address space, reserved addresses included (RLIMIT_AS).</summary>
    public static ulong? AddressSpace => Read(SysResource.RLIMIT_AS);

    static ulong? Read(int resource) => SysResource.getrlimit(resource, out var limits) == 0 ? limits.rlim_cur : null;
}
