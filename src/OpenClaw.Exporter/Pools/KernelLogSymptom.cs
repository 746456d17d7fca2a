using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Kernel;
using OpenClaw.Kernel.KernelLog;

namespace OpenClaw.Exporter.Pools;

/// <summary>When the kernel log last spoke of an exhausted network resource.</summary>
static class KernelLogSymptom
{
    /// <summary>One level for each kind and namespace that was seen.</summary>
    public static Reading<ImmutableArray<SymptomLevel>> Read(Snapshot snapshot) => snapshot.Get<KernelLogEvents>().Select(static log =>
        ImmutableArray.CreateRange(log.Events.Select(seen => new SymptomLevel(
            seen.LastSeen.ToUnixTimeMilliseconds() / 1000.0, SnakeCase.Of(seen.Kind), NameOf(seen.NetworkNamespace, log.OwnNetworkNamespace)))));

    static string NameOf(ulong? inode, Reading<ulong> own) =>
        inode is not { } number ? ""
        : own.TryGet(out var self) && self == number ? MetricCatalogue.Self
        : number.ToString(CultureInfo.InvariantCulture);
}
