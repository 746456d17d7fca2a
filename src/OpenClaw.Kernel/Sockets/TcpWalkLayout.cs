namespace OpenClaw.Kernel.Sockets;

/// <summary>The data that the program of <see cref="TcpWalkProgram"/> and this process share, as offsets.</summary>
static class TcpWalkLayout
{
    /// <summary>The length of a set of ports: one bit each.</summary>
    public const int PortsLength = 65536 / 8;

    // The one value that the whole walk shares. First the numbers, because an instruction reaches only 32 KiB.
    // In: the milliseconds after which connect() takes the port of a TIME_WAIT socket.
    public const int DelayAt = 0;

    // Out: bytes in the queues, established sockets without a timer, orphans, and sockets that found a map full.
    public const int BytesAt = 8;
    public const int WithoutTimerAt = 16;
    public const int OrphansAt = 24;
    public const int FullAt = 32;

    // In: the ports that the kernel may assign. In and out: those that no connect() takes. In: those whose sockets are
    // written one by one. Always 0: the first value of each element of a hash.
    public const int AssignedAt = 64;
    public const int BlockedAt = AssignedAt + PortsLength;
    public const int WrittenAt = BlockedAt + PortsLength;
    public const int ZeroesAt = WrittenAt + PortsLength;
    public const int Length = ZeroesAt + PortsLength;

    // A socket. Its begin is the key of the pair that it belongs to.
    public const int SourceAt = 0;
    public const int DestinationAt = 16;
    public const int InterfaceAt = 32;
    public const int DestinationPortAt = 36;
    public const int PairLength = 40;
    public const int SourcePortAt = 40;
    public const int StateAt = 42;
    public const int InodeAt = 48;
    public const int SocketLength = 56;

    /// <summary>The value of a pair: the sockets of each <see cref="PortHold"/>.</summary>
    public const int PairValueLength = 4 * sizeof(ulong);

    // The key of a set of ports: the local address, and whether the socket refuses IPv4.
    public const int IPv6OnlyAt = 16;
    public const int AddressLength = 24;

    /// <summary>The value of a cgroup: the sockets of each state.</summary>
    public const int CgroupValueLength = 16 * sizeof(ulong);
}

/// <summary>The reasons why a connected socket holds its port against its own pair.</summary>
enum PortHold
{
    /// <summary>It is in use.</summary>
    InUse,

    /// <summary>It is established and idle, without a timer.</summary>
    Idle,

    /// <summary>It is in TIME_WAIT.</summary>
    TimeWait,

    /// <summary>It is in TIME_WAIT for so long that connect() takes the port where tcp_tw_reuse allows that.</summary>
    OldTimeWait,
}
