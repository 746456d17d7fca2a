using OpenClaw.Exporter.Gateway;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Problems;

/// <summary>
/// A Gateway of this machine whose network namespace may not be entered. Nobody can then conclude that the Gateway has
/// free ports and connections.
/// </summary>
static class UnseenGateway
{
    /// <summary>Returns the first reason; null where the namespace of each was read or not requested.</summary>
    public static Missing? Find(Snapshot snapshot)
    {
        if (
            !snapshot.Get<FoundGateways>().TryGet(out var found)
            || !snapshot.Get<ProcessTable>().TryGet(out var table)
            || !snapshot.Get<NetworkNamespaces>().TryGet(out var namespaces)
            || !snapshot.Get<NamespaceSnapshots>().TryGet(out var snapshots)
        )
        {
            return null;
        }

        foreach (var gateway in found.Running)
        {
            if (
                table.Processes.FirstOrDefault(process => process.Pid == gateway.Pid) is { } process
                && namespaces.Find(process) is { IsOwn: false } netns
                && snapshots.WhyNotEntered(netns) is { } why
            )
            {
                return why with { Detail = $"{gateway.Process} in {netns.Name}: {why.Detail}" };
            }
        }

        return null;
    }
}
