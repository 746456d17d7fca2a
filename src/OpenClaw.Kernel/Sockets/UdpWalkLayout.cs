namespace OpenClaw.Kernel.Sockets;

/// <summary>The data that the program of <see cref="UdpWalkProgram"/> and this process share, as offsets.</summary>
static class UdpWalkLayout
{
    const int PortsLength = TcpWalkLayout.PortsLength;

    // The one value that the whole walk shares. Out: the sockets, and those that found a map full.
    public const int CountAt = 0;
    public const int FullAt = 8;

    // In: the ports that the kernel may assign. Out: those of them with a connected socket, and with one at an IPv4
    // address; the other ports with a socket that is not connected. Always 0: the first value of an element of a hash.
    public const int AssignedAt = 64;
    public const int ConnectedAt = AssignedAt + PortsLength;
    public const int ConnectedIPv4At = ConnectedAt + PortsLength;
    public const int WaitingAt = ConnectedIPv4At + PortsLength;
    public const int ZeroesAt = WaitingAt + PortsLength;
    public const int Length = ZeroesAt + PortsLength;
}
