using System.Collections.Immutable;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Gateway;

/// <summary>
/// Finds the processes that belong to a Gateway: those that it started, and those that they started. The parent of a
/// process is read once. Where the parent ended, the process still belongs to the Gateway that it came from.
/// </summary>
/// <param name="proc">The procfs.</param>
sealed class GatewayWorkers(ProcMount proc)
{
    Dictionary<int, int> _parents = [];

    /// <summary>Returns the processes of each Gateway by its process id.</summary>
    public ILookup<int, ProcessDescriptors> Find(ProcessTable table, IReadOnlyCollection<int> gateways)
    {
        if (gateways.Count == 0)
        {
            _parents = [];
            return Enumerable.Empty<ProcessDescriptors>().ToLookup(static process => process.Pid);
        }

        _parents = table
            .Processes.DistinctBy(static process => process.Pid)
            .ToDictionary(static process => process.Pid, process => ParentOf(process.Pid));
        return table
            .Processes.DistinctBy(static process => process.Pid)
            .Where(process => !gateways.Contains(process.Pid))
            .Select(process => (Process: process, Gateway: GatewayOf(process.Pid, gateways)))
            .Where(static found => found.Gateway > 0)
            .ToLookup(static found => found.Gateway, static found => found.Process);
    }

    int ParentOf(int pid)
    {
        if (_parents.TryGetValue(pid, out var known) && known > 0)
            return known;
        return ProcessParent.Read(proc, pid).TryGet(out var parent) ? parent : 0;
    }

    /// <summary>Returns the nearest Gateway among the ancestors; 0 without one.</summary>
    int GatewayOf(int pid, IReadOnlyCollection<int> gateways)
    {
        // A process id that was given again could make a circle.
        var seen = new HashSet<int>();
        while (_parents.TryGetValue(pid, out var parent) && parent > 0 && seen.Add(pid))
        {
            if (gateways.Contains(parent))
                return parent;
            pid = parent;
        }

        return 0;
    }
}
