using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.KernelLog;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The times of the kernel log's last messages about exhausted network resources.</summary>
static class KernelLogSymptom
{
    /// <summary>The age above which a kernel message no longer describes the present.</summary>
    static readonly TimeSpan Recent = TimeSpan.FromMinutes(5);

    static readonly ImmutableArray<string> SaidOnce =
    [
        SnakeCase.Convert(KernelLogKind.SynFlooding),
        SnakeCase.Convert(KernelLogKind.FileMaxReached),
    ];

    /// <summary>
    /// Returns true for messages that the kernel logs once, for a listener or for the highest count so far, however
    /// long the failure lasts.
    /// </summary>
    public static bool IsSaidOnce(ImmutableArray<string> labels) => SaidOnce.Contains(labels[0]);

    /// <summary>Returns true where a message of this time is recent.</summary>
    public static bool IsRecent(double unixSeconds, DateTimeOffset now) =>
        now - DateTimeOffset.FromUnixTimeMilliseconds((long)(unixSeconds * 1000)) < Recent;

    /// <summary>Reads one level for each kind and namespace with a message.</summary>
    public static Reading<ImmutableArray<SymptomLevel>> Read(NamespaceView view) =>
        view.Get<KernelLogEvents>()
            .Select(log =>
                ImmutableArray.CreateRange(
                    log.Events.Select(seen => new SymptomLevel(
                        seen.LastSeen.ToUnixTimeMilliseconds() / 1000.0,
                        SnakeCase.Convert(seen.Kind),
                        NameOf(seen, log, view)
                    )
                    {
                        Alert = seen.Kind == KernelLogKind.ConntrackTableFull ? ConntrackAlerts.Logged : null,
                    })
                )
            );

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
