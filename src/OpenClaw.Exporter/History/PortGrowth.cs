using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.History;

/// <summary>
/// Watches the number of sockets for a growth that may take the ephemeral ports. The use of ports itself needs a
/// listing of all sockets, which is too dear for every second. Their number is one line of a file.
/// </summary>
sealed class PortGrowth
{
    // All sockets of the first look count as new: when they came is unknown.
    long _least;

    /// <summary>
    /// Returns true where enough sockets came since the last time to take a pool of ports from below its warning to its
    /// end. All sockets count, so that none is missed that is only bound.
    /// </summary>
    public bool IsLarge(NamespaceView view)
    {
        if (!view.Get<Sockstat>().TryGet(out var counts) || !view.Get<EphemeralPortSettings>().TryGet(out var ports))
            return false;
        var sockets = counts.Sockets + counts.TimeWait;
        _least = Math.Min(_least, sockets);
        var rest = 1 - PoolCatalogue.EphemeralConnectPorts.WarningRatio;
        if (sockets - _least < Math.Max(rest * ports.UsableCount(), 1))
            return false;
        _least = sockets;
        return true;
    }
}
