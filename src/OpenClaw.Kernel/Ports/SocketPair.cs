using OpenClaw.Kernel.InetDiag;

namespace OpenClaw.Kernel.Ports;

/// <summary>A source, a destination with its port, and the interface that sockets are bound to, or 0.</summary>
readonly record struct SocketPair(
    SocketAddress Source,
    SocketAddress Destination,
    ushort DestinationPort,
    uint Interface
)
{
    public override int GetHashCode() =>
        (((Destination.GetHashCode() * 31) + Source.GetHashCode()) * 31) + (DestinationPort * 65599) + (int)Interface;
}
