using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;

namespace OpenClaw.Exporter.Status;

/// <summary>A holder of part of a resource.</summary>
/// <param name="Name">The holder in words: a process, a cgroup, a user, a peer or a destination.</param>
/// <param name="Process">The name of the process from its command line; null where it is none or may not be
/// seen.</param>
/// <param name="Pid">The process id. Where several processes of one program hold it, the id of the worst one. Null
/// without a process.</param>
/// <param name="InnerPid">The same id as the process sees it, which is another one in a container.</param>
/// <param name="Processes">The number of processes; null where no process is known.</param>
/// <param name="Count">The part that it holds, in the unit of the pool.</param>
/// <param name="Cgroup">Its cgroup; empty when it is unknown.</param>
/// <param name="Container">The name of its container; the id where no file names it, and empty outside a
/// container.</param>
/// <param name="Pod">The namespace and name of its pod; the UID where no file names it. Empty outside a
/// pod.</param>
/// <param name="Unit">Its systemd unit; empty outside one.</param>
/// <param name="State">The state of the process as ps shows it, such as T for stopped; empty when unknown.</param>
/// <param name="OldestSeconds">The least age of the oldest part, in seconds; null when it is unknown.</param>
/// <param name="GrowthPerHour">The growth in an hour; null when it is unknown.</param>
sealed record HolderDocument(
    string Name,
    string? Process,
    int? Pid,
    int? InnerPid,
    int? Processes,
    double Count,
    string Cgroup,
    string Container,
    string Pod,
    string Unit,
    string State,
    double? OldestSeconds,
    double? GrowthPerHour
)
{
    public static ImmutableArray<HolderDocument> From(ImmutableArray<Holder> holders) => [.. holders.Select(From)];

    static HolderDocument From(Holder holder) =>
        new(
            holder.Name,
            holder.Process?.Name,
            holder.Process?.Pid,
            holder.Process?.InnerPid,
            holder.Process is null ? null : holder.Processes,
            holder.Count,
            holder.Owner.Cgroup,
            holder.ContainerName,
            holder.PodName,
            holder.Owner.Unit,
            holder.Process is { State: not ' ' and var state } ? state.ToString() : "",
            holder.Oldest?.TotalSeconds,
            holder.PerHour
        );
}
