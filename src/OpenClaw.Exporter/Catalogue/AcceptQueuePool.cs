using System.Collections.Immutable;
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
                        )
                        {
                            Unread = listener.Capacity is null ? view.FailureOf<TcpSockets>() ?? NoBacklog : null,
                        })
                )
            );
}
