using System.Collections.Immutable;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Gateway;

/// <summary>
/// Finds the processes that belong to a Gateway: those that it started, and those that they started. A process whose
/// parent ended still belongs to the Gateway that it came from, and an id that is given out again is another process.
/// </summary>
/// <param name="proc">The procfs.</param>
sealed class GatewayWorkers(ProcMount proc)
{
    /// <summary>The origin of each process of the last table.</summary>
    Dictionary<ProcessIdentity, Origin> _known = [];

    /// <summary>Returns the processes of each Gateway by its process id.</summary>
    public ILookup<int, ProcessDescriptors> Find(ProcessTable table, IReadOnlyCollection<int> gateways)
    {
        if (gateways.Count == 0)
        {
            _known = [];
            return Enumerable.Empty<ProcessDescriptors>().ToLookup(static process => process.Pid);
        }

        var present = table
            .Processes.DistinctBy(static process => process.Pid)
            .ToDictionary(static process => process.Pid);
        var roots = gateways.Where(present.ContainsKey).Select(pid => present[pid].Identity).ToImmutableHashSet();
        var parents = present.Values.ToDictionary(
            static process => process.Identity,
            process => ParentOf(process.Identity, present)
        );
        var origins = parents.ToDictionary(
            static entry => entry.Key,
            entry => new Origin(entry.Value, GatewayOf(entry.Key, parents, roots))
        );
        _known = origins;
        return present
            .Values.Where(process => !roots.Contains(process.Identity))
            .Select(process => (Process: process, Gateway: origins[process.Identity].Gateway?.Pid ?? 0))
            .Where(static found => found.Gateway > 0)
            .ToLookup(static found => found.Gateway, static found => found.Process);
    }

    /// <summary>
    /// Returns the parent that a process has, or had when it was seen first; null where it is not in the table. A
    /// parent that ended is not asked for again: the kernel then names the one that inherited the process.
    /// </summary>
    ProcessIdentity? ParentOf(ProcessIdentity process, Dictionary<int, ProcessDescriptors> present)
    {
        if (_known.TryGetValue(process, out var known) && known.Parent is { } parent)
            return parent;
        return ProcessParent.Read(proc, process.Pid).TryGet(out var pid) && present.TryGetValue(pid, out var found)
            ? found.Identity
            : null;
    }

    /// <summary>Returns the nearest Gateway among the ancestors; null without one.</summary>
    ProcessIdentity? GatewayOf(
        ProcessIdentity process,
        Dictionary<ProcessIdentity, ProcessIdentity?> parents,
        ImmutableHashSet<ProcessIdentity> gateways
    )
    {
        // A chain cannot turn back on itself, unless a process id was given out again while the table was read.
        var seen = new HashSet<ProcessIdentity>();
        for (ProcessIdentity? next = process; next is { } at && seen.Add(at); next = parents.GetValueOrDefault(at))
        {
            if (at != process && gateways.Contains(at))
                return at;
            if (_known.TryGetValue(at, out var known) && known.Gateway is { } before && gateways.Contains(before))
                return before;
        }

        return null;
    }

    /// <summary>The origin of a process.</summary>
    /// <param name="Parent">The process that started it; null when it was not visible.</param>
    /// <param name="Gateway">The Gateway among its ancestors; null without one.</param>
    sealed record Origin(ProcessIdentity? Parent, ProcessIdentity? Gateway);
}
