using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.KernelLog;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The times of the kernel log's last messages about exhausted network resources.</summary>
static class KernelLogSymptom
{
    /// <summary>The age above which a kernel message no longer describes the present.</summary>
    static readonly TimeSpan Recent = TimeSpan.FromMinutes(5);

    /// <summary>Returns true where a message of this time is recent.</summary>
    public static bool IsRecent(double unixSeconds, DateTimeOffset now) =>
        now - DateTimeOffset.FromUnixTimeMilliseconds((long)(unixSeconds * 1000)) < Recent;

    /// <summary>Reads one level for each kind and namespace with a message.</summary>
    public static Reading<ImmutableArray<SymptomLevel>> Read(NamespaceView view) =>
        view.Get<KernelLogEvents>()
            .Select(log =>
                ImmutableArray.CreateRange(Shown(log, view).Select(seen => LevelOf(seen, NameOf(seen, log, view))))
            );

    /// <summary>
    /// Returns the events of the network namespaces that were requested, and those that name none. The kernel log is
    /// the machine's, so it also has messages about the namespaces of others.
    /// </summary>
    public static IEnumerable<KernelLogEvent> Shown(KernelLogEvents log, NamespaceView view)
    {
        var snapshots = view.Get<NamespaceSnapshots>().TryGet(out var read) ? read : null;
        if (snapshots is { IsByName: false })
            return log.Events;
        var names = snapshots?.Used.Select(static seen => seen.Namespace.Name).ToHashSet() ?? [];
        if (snapshots is null or { IncludesOwn: true })
        {
            names.Add(view.Get<NetworkNamespaces>().TryGet(out var all) ? all.Own.Name : NetworkNamespaces.Self);
            if (log.IsOwnTheMachines)
                names.Add(NetworkNamespaces.Host);
        }

        var isOwnOnly = snapshots is null or { IncludesOwn: true, Used.IsEmpty: true };
        return log.Events.Where(seen =>
            IsOfAny(names, seen, log, view) && !(isOwnOnly && NamesListenerOfOthers(seen, view))
        );
    }

    /// <summary>
    /// Returns true for an event that names no namespace, and a port without a listener in this one. Where not all
    /// listeners are known, it may be this one's.
    /// </summary>
    static bool NamesListenerOfOthers(KernelLogEvent seen, NamespaceView view) =>
        seen is { NetworkNamespace: null, Listener.Length: > 0 }
        && view.Get<TcpSockets>().TryGet(out var sockets)
        && sockets.Listeners.Sum(static listener => listener.Group ?? 1) >= sockets[TcpState.Listen]
        && !sockets.Listeners.Any(listener =>
            seen.Listener.EndsWith(
                string.Create(CultureInfo.InvariantCulture, $":{listener.Port}"),
                StringComparison.Ordinal
            )
        );

    /// <summary>
    /// Returns true for an event that may be about one of the namespaces. Tables of the whole machine are shown with
    /// its pools: where the exporter is in the machine's own namespace.
    /// </summary>
    static bool IsOfAny(HashSet<string> names, KernelLogEvent seen, KernelLogEvents log, NamespaceView view) =>
        seen switch
        {
            { NetworkNamespace: not null } => names.Contains(NameOf(seen, log, view)),
            { Kind: KernelLogKind.ConntrackTableFull } => !log.NamesNamespaces
                || names.Contains(NetworkNamespaces.Host),
            { Kind: KernelLogKind.SynFlooding or KernelLogKind.TimeWaitTableOverflow } => true,
            _ => log.IsOwnTheMachines,
        };

    static SymptomLevel LevelOf(KernelLogEvent seen, string netns)
    {
        var kind = SnakeCase.Convert(seen.Kind);
        return new(seen.LastSeen.ToUnixTimeMilliseconds() / 1000.0, kind, netns)
        {
            Netns = netns,
            Words = seen.Listener.Length > 0 ? $"{kind} on {seen.Listener}" : kind,
            Alert =
                seen.Kind == KernelLogKind.ConntrackTableFull ? ConntrackAlerts.Logged : Alert.OfKernelLog(seen.Kind),

            // The kernel logs these once, for a listener or for the highest count so far, however long the failure
            // lasts.
            IsSaidOnce = seen.Kind is KernelLogKind.SynFlooding or KernelLogKind.FileMaxReached,
        };
    }

    /// <summary>
    /// Returns the name of the namespace in a message. For a hidden namespace the name is its inode. Where another
    /// namespace has that inode by now, the name says that the one in the message is gone.
    /// </summary>
    public static string NameOf(KernelLogEvent seen, KernelLogEvents log, NamespaceView view)
    {
        if (seen.NetworkNamespace is not { } inode)
            return "";
        var name = inode.ToString(CultureInfo.InvariantCulture);
        var gone = $"{name} (gone)";
        if (view.Get<NetworkNamespaces>().TryGet(out var found))
        {
            if (found.Find(inode, seen.LastSeen) is { } netns)
                return netns.Name;
            if (found.All.Any(netns => netns.Inode == inode))
                return gone;
        }

        if (!log.OwnNetworkNamespace.TryGet(out var self) || self != inode)
            return name;
        return log.OwnSince <= seen.LastSeen + NetworkNamespaces.Precision ? NetworkNamespaces.Self : gone;
    }
}
