using System.Collections.Immutable;

namespace OpenClaw.Kernel.Cgroups;

/// <summary>What the cgroups are called that hold the most sockets.</summary>
/// <param name="ById">From the id, which is the inode of its directory, to the path below the mount of cgroup2, such as
/// "/system.slice/ssh.service". Without those that are gone, or outside of what is mounted here.</param>
public sealed record CgroupPaths(ImmutableDictionary<ulong, string> ById);
