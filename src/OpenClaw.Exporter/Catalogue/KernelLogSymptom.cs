using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.KernelLog;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>When the kernel log last spoke of an exhausted network resource.</summary>
static class KernelLogSymptom
{
    /// <summary>A message of the kernel that is older says nothing of now.</summary>
    static readonly TimeSpan Recent = TimeSpan.FromMinutes(5);

    static readonly ImmutableArray<string> SaidOnce =
    [
        SnakeCase.Convert(KernelLogKind.SynFlooding),
        SnakeCase.Convert(KernelLogKind.FileMaxReached),
    ];

    /// <summary>
    /// Whether the kernel says it once, for a listener or for the highest count so far, however long it lasts.
    /// </summary>
    public static bool IsSaidOnce(ImmutableArray<string> labels) => SaidOnce.Contains(labels[0]);

    /// <summary>Whether a message of this time is recent.</summary>
    public static bool IsRecent(double unixSeconds, DateTimeOffset now) =>
        now - DateTimeOffset.FromUnixTimeMilliseconds((long)(unixSeconds * 1000)) < Recent;

    /// <summary>One level for each kind and namespace that was seen.</summary>
    public static Reading<ImmutableArray<SymptomLevel>> Read(NamespaceView view) =>
        view.Get<KernelLogEvents>()
            .Select(log =>
                ImmutableArray.CreateRange(
                    log.Events.Select(seen => new SymptomLevel(
                        seen.LastSeen.ToUnixTimeMilliseconds() / 1000.0,
                        SnakeCase.Convert(seen.Kind),
                        NameOf(seen.NetworkNamespace, log, view)
                    ))
                )
            );

    /// <summary>
    /// The name of a namespace that a message gave the inode of; the number of one that is gone, or not to be seen, is
    /// all that is left of it.
    /// </summary>
    public static string NameOf(ulong? inode, KernelLogEvents log, NamespaceView view)
    {
        if (inode is not { } number)
            return "";
        if (view.Get<NetworkNamespaces>().TryGet(out var found) && found.Find(number) is { } netns)
            return netns.Name;
        return log.OwnNetworkNamespace.TryGet(out var self) && self == number
            ? NetworkNamespaces.Self
            : number.ToString(CultureInfo.InvariantCulture);
    }
}
