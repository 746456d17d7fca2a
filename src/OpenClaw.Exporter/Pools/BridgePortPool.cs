using System.Collections.Immutable;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Links;

namespace OpenClaw.Exporter.Pools;

/// <summary>The pool of ports of each bridge.</summary>
static class BridgePortPool
{
    const int Worst = 3;

    /// <summary>One level for each of the fullest bridges.</summary>
    public static Reading<ImmutableArray<PoolLevel>> Read(Snapshot snapshot) =>
        snapshot.Get<NetworkInterfaces>().Select(static interfaces => ImmutableArray.CreateRange(interfaces.Bridges
            .OrderByDescending(static bridge => bridge.Ports)
            .ThenBy(static bridge => bridge.Bridge.Name, StringComparer.Ordinal)
            .Take(Worst)
            .Select(static bridge => new PoolLevel(
                bridge.Ports, NetworkInterfaces.BridgePortLimit, bridge.Bridge.Name, [bridge.Bridge.Name]))));
}
