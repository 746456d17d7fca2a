using OpenClaw.Kernel.Procfs;

namespace OpenClaw.Kernel.Sysctls;

/// <summary>Compares the persistent sysctls with the running ones.</summary>
/// <param name="proc">Where the running ones are.</param>
/// <param name="root">Where the machine's file system is mounted.</param>
sealed class PersistedSysctlsReader(ProcMount proc, string root)
    : Reader<PersistedSysctls>("persisted_sysctls", "/etc/sysctl.d and its likes, /proc/sys")
{
    protected override Reading<PersistedSysctls> Read(Sampling sampling) => PersistedSysctls.Read(proc, root);
}
