using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Kernel.Holders;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>Finds the holders of resources that the whole machine shares.</summary>
static class MachineHolders
{
    /// <summary>
    /// Returns the holders of a resource that the whole machine shares, from each network namespace that was read.
    /// </summary>
    public static LevelHolders OfSockets(NamespaceView view, SocketGroup group)
    {
        var holders = Find(view, group);
        var unread = view.Get<NamespaceSnapshots>().TryGet(out var snapshots)
            ? snapshots.Used.Count(static netns => netns.Missing is not null) + snapshots.LeftOut.Length
            : 0;
        return unread == 0
            ? holders
            : holders with
            {
                Notes =
                [
                    .. holders.Notes,
                    $"not looked at: {Counted.Format(unread, "network namespaces")} that may not be entered",
                ],
            };
    }

    /// <summary>Returns the holders of a group of sockets from each network namespace that was read.</summary>
    public static LevelHolders Find(NamespaceView view, SocketGroup group)
    {
        var own = view.Get<NamespaceHolders>();
        var others = view.Get<NamespaceSnapshots>().TryGet(out var snapshots) ? snapshots.Used : [];
        ImmutableArray<SocketHolders> parts =
        [
            .. others
                .Select(static netns => netns.Readings.Get<NamespaceHolders>())
                .Prepend(own)
                .Select(reading => reading.TryGet(out var all) ? all.Find(group) : null)
                .OfType<SocketHolders>(),
        ];
        if (parts.IsEmpty)
            return LevelHolders.None with { Shortfall = own.Missing is { IsUnseen: true } why ? why : null };
        return PoolHolders.From(
            view,
            new(group, parts.Sum(static part => part.Total), [.. parts.SelectMany(static part => part.Processes)])
            {
                WithoutProcess = parts.Sum(static part => part.WithoutProcess),
                Unfound = [.. parts.SelectMany(static part => part.Unfound)],
                Cgroups = [.. parts.SelectMany(static part => part.Cgroups)],
                Peers = [.. parts.SelectMany(static part => part.Peers)],
                Shortfall = parts.Select(static part => part.Shortfall).FirstOrDefault(static why => why is not null),
            }
        );
    }

    /// <summary>
    /// Returns the processes with the most descriptors. Other files of the kernel have none: those of hidden processes,
    /// and those on their way through UNIX sockets.
    /// </summary>
    public static LevelHolders OfDescriptors(NamespaceView view, PoolLevel level)
    {
        if (!view.Get<ProcessTable>().TryGet(out var table))
            return LevelHolders.None;
        var open = table
            .Processes.Where(static process => process.Open.TryGet(out var open) && open > 0)
            .OrderByDescending(static process => process.Open.Value)
            .ThenBy(static process => process.Pid)
            .ToList();
        var others = level.Used - open.Sum(static process => (double)process.Open.Value);
        return WithOthers(
            new([
                .. open.Take(PoolHolders.AtMost)
                    .Select(process => PoolHolders.Named(view, process.Pid, process.Name, process.Open.Value)),
            ])
            {
                Shortfall = table.Uncounted,
            },
            others,
            "held by no visible process"
        );
    }

    /// <summary>Adds the part that no known holder has, where it is larger than that of the worst one.</summary>
    /// <param name="holders">The known holders.</param>
    /// <param name="amount">The rest of the used amount.</param>
    /// <param name="words">The words for the rest.</param>
    public static LevelHolders WithOthers(LevelHolders holders, double amount, string words) =>
        amount <= holders.Worst.Select(static holder => holder.Count).FirstOrDefault()
            ? holders
            : holders with
            {
                Unaccounted = amount,
                Notes = [.. holders.Notes, string.Create(CultureInfo.InvariantCulture, $"{words}: {amount:N0}")],
            };
}
