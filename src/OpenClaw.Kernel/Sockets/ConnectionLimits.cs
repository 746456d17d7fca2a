using System.Collections.Immutable;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// The limits that programs set on their own connections. The kernel does not know them: the caller's reader does.
/// </summary>
/// <param name="All">The limits.</param>
public sealed record ConnectionLimits(ImmutableArray<CgroupLimit> All);

/// <summary>A limit on the established TCP connections of some cgroups together.</summary>
/// <param name="Cgroups">The ids of the cgroups, each once, in ascending order.</param>
/// <param name="Connections">The number of connections. Where the processes are in several network namespaces, it is
/// the limit divided by their number.</param>
public sealed record CgroupLimit(ImmutableArray<ulong> Cgroups, double Connections);
