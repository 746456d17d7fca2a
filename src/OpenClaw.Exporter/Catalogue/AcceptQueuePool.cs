using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Web;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The pool of connections that wait for accept().</summary>
static class AcceptQueuePool
{
    /// <summary>How many listeners are shown.</summary>
    const int Worst = 5;

    /// <summary>One level for each of the fullest listeners.</summary>
    public static Reading<ImmutableArray<PoolLevel>> Read(Snapshot snapshot) =>
        snapshot.Get<TcpSockets>().Select(sockets => ImmutableArray.CreateRange(
            sockets.Listeners.Take(Worst).Select(listener =>
            {
                var name = Name(listener, BoundInterface.Suffix(snapshot, listener.Interface));
                return new PoolLevel(listener.Waiting, listener.Capacity, name, [name]);
            })));

    /// <summary>address:port as ss writes it, with the interface behind the address where the listener is bound to one.</summary>
    static string Name(Listener listener, string device) =>
        listener.Address.IsIPv4 ? $"{listener.Address}{device}:{listener.Port}" : $"[{listener.Address}]{device}:{listener.Port}";
}
