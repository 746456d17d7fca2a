using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>The part of the machine's network namespaces that a snapshot covers.</summary>
/// <param name="Seen">The number of namespaces that were looked at. A namespace without sockets and tracked connections
/// counts, for its counts were read.</param>
/// <param name="Total">The number of namespaces that can be told apart.</param>
/// <param name="Why">The reason why others may not be entered; null where they were not selected, or where there are no
/// others.</param>
public sealed record NamespaceScope(int Seen, int Total, Missing? Why)
{
    /// <summary>
    /// True where only the processes of a container are visible: then there may be further namespaces.
    /// </summary>
    public bool IsOfContainer { get; init; }

    /// <summary>True where every namespace was looked at.</summary>
    public bool IsWhole => Seen >= Total;

    /// <summary>Returns the scope of a snapshot; null where namespaces could not be listed.</summary>
    internal static NamespaceScope? Create(Readings machine, int views)
    {
        if (!machine.Get<NetworkNamespaces>().TryGet(out var all))
            return null;
        var isOfContainer = machine.Get<ProcessTable>().TryGet(out var processes) && processes.IsOfContainer;
        if (!machine.Get<NamespaceSnapshots>().TryGet(out var others))
            return new(1, all.All.Length, null) { IsOfContainer = isOfContainer };
        var unread = others.Used.Count(static seen => seen.Missing is not null);
        var why = others.WhyLeftOut
            ?? others.Used.Select(static seen => seen.Missing).FirstOrDefault(static why => why is not null);
        return new(Math.Min(views - unread + others.Unused, all.All.Length), all.All.Length, why)
        {
            IsOfContainer = isOfContainer,
        };
    }
}
