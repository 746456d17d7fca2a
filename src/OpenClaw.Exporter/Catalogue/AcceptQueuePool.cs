using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The pool of connections that wait for accept().</summary>
static class AcceptQueuePool
{
    /// <summary>How many listeners are shown.</summary>
    public const int AtMost = 5;

    /// <summary>One level for each of the fullest listeners.</summary>
    public static Reading<ImmutableArray<PoolLevel>> Read(Snapshot snapshot) =>
        snapshot.Get<TcpSockets>().Select(static sockets => ImmutableArray.CreateRange(
            sockets.Listeners.Take(AtMost).Select(static listener =>
            {
                var name = Name(listener);
                return new PoolLevel(listener.Waiting, listener.Capacity, name, [name]);
            })));

    /// <summary>address:port, with the interface behind a percent sign where the listener is bound to one.</summary>
    static string Name(Listener listener)
    {
        var device = listener.Interface == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"%{listener.Interface}");
        return listener.Address.IsIPv4 ? $"{listener.Address}{device}:{listener.Port}" : $"[{listener.Address}{device}]:{listener.Port}";
    }
}
