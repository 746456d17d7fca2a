using System.Collections.Immutable;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The pool of connections that wait for accept().</summary>
static class AcceptQueuePool
{
    /// <summary>The limit on listeners that are shown.</summary>
    public const int AtMost = 5;

    static readonly Missing NoBacklog = new(Absence.Failed, "the source of the sockets does not show backlogs");

    /// <summary>
    /// Reads one level for each of the fullest listeners. Where their backlogs are not shown, the limits are unread.
    /// </summary>
    public static Reading<ImmutableArray<PoolLevel>> Read(NamespaceView view) =>
        view.Get<TcpSockets>()
            .Select(sockets =>
                ImmutableArray.CreateRange(
                    sockets
                        .Listeners.Take(AtMost)
                        .Select(listener => new PoolLevel(
                            listener.Waiting,
                            listener.Capacity,
                            new ListenerSubject(listener, BoundInterface.Suffix(view, listener.Interface))
                            {
                                Gateway = GatewayAt(view, listener),
                            }
                        )
                        {
                            Unread = listener.Capacity is null ? view.FailureOf<TcpSockets>() ?? NoBacklog : null,
                        })
                )
            );

    /// <summary>Returns the Gateway whose listener it is; null where it is another program's.</summary>
    static FoundGateway? GatewayAt(NamespaceView view, Listener listener) =>
        view.Get<FoundGateways>().TryGet(out var found)
            ? found.Running.FirstOrDefault(gateway => gateway.IsIn(view) && gateway.Address?.Port == listener.Port)
            : null;
}
