using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Sysctls;

/// <summary>
/// Compares the persistent sysctls with the running ones, and with the persistent ones of earlier readings.
/// </summary>
/// <param name="proc">The procfs with the running values.</param>
/// <param name="root">The mount point of the machine's root file system.</param>
/// <param name="keys">The keys to compare.</param>
sealed class PersistedSysctlsReader(ProcMount proc, string root, ImmutableArray<string> keys)
    : Reader<PersistedSysctls>("persisted_sysctls", "/etc/sysctl.d and its likes, /proc/sys")
{
    readonly HashSet<string> _persisted = [];
    SysctlConfiguration? _configuration;

    protected override Reading<PersistedSysctls> Read(SamplingPass sampling) =>
        SysctlConfiguration
            .Read(root, _configuration)
            .Select(configuration =>
            {
                _configuration = configuration;
                var read = PersistedSysctls.Compare(proc, configuration, keys);
                _persisted.UnionWith(read.ByKey.Where(static key => key.Value).Select(static key => key.Key));
                return read with { Lost = read.Unknown.Intersect(_persisted) };
            });
}
