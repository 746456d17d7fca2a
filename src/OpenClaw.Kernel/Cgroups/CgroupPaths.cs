namespace OpenClaw.Kernel.Cgroups;

/// <summary>The paths of the cgroups that hold the most sockets, or whose connect() was refused.</summary>
/// <param name="ById">The path below the mount of cgroup2, such as "/system.slice/ssh.service", by id: the inode of the
/// cgroup's directory. Without cgroups that are gone or are outside this mount.</param>
public sealed record CgroupPaths(IReadOnlyDictionary<ulong, string> ById);
