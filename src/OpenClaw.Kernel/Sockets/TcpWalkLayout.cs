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

    // Inside of the program: the next place of the hash, which the next call goes on with, and the sockets that were
    // kept.
    public const int PlaceAt = 40;
    public const int KeptAt = 48;

    // Out: sockets whose retransmits found no place.
    public const int UncountedAt = 56;

    // Inside of the program: what it will return, and the sockets that it counts next. They are here because the
    // verifier takes a number in a map for unknown. It would try each one that a place on the stack may have.
    public const int ResultAt = 64;
    public const int CollectedAt = 72;
    public const int CountedAt = 80;
    public const int SocketsAt = 88;
    public const int SocketsAtOnce = 32;

    // In: 1 to note the places of the sockets of other namespaces, and 1 where those of this one are known. In and out:
    // the address of the hash in which they are. Out: sockets of other namespaces whose place could not be noted.
    public const int NotesAt = SocketsAt + (SocketsAtOnce * sizeof(ulong));
    public const int KnownAt = NotesAt + 8;
    public const int HashAt = NotesAt + 16;
    public const int UnnotedAt = NotesAt + 24;

    // Inside of the program: the next node of a chain. Out: the sockets that were passed, without requests; and those
    // of the kernel itself.
    public const int NodeAt = NotesAt + 32;
    public const int PassedAt = NotesAt + 40;
    public const int OfKernelAt = NotesAt + 48;

    // In: the ports that the kernel may assign. In and out: those that no connect() takes. In: those whose sockets are
    // written one by one.
    public const int AssignedAt = OfKernelAt + 8;
    public const int BlockedAt = AssignedAt + PortsLength;
    public const int WrittenAt = BlockedAt + PortsLength;

    // In: the places where this namespace may have sockets, by the lower 16 bits of their numbers.
    public const int PlacesAt = WrittenAt + PortsLength;
    public const int PlacesLength = 65536 / 8;

    // Always 0: the first value of each element of a hash. Only this one may be out of reach of an instruction.
    public const int ZeroesAt = PlacesAt + PlacesLength;
    public const int Length = ZeroesAt + PortsLength;

    // A socket. Its begin is the key of the pair that it belongs to. With the address of the socket behind it, it is
    // the key of its retransmits.
    public const int SourceAt = 0;
    public const int DestinationAt = 16;
    public const int InterfaceAt = 32;
    public const int DestinationPortAt = 36;
    public const int PairLength = 40;
    public const int AddressAt = 40;
    public const int RetransmitsLength = 48;
    public const int SourcePortAt = 40;
    public const int StateAt = 42;
    public const int InodeAt = 48;
    public const int SocketLength = 56;

    // The value of a pair: the sockets of each PortHold. Then the smoothed round trips in microseconds, the sockets
    // that measured one, and the retransmits of all sockets.
    public const int RoundTripsAt = 4 * sizeof(ulong);
    public const int MeasuredAt = 5 * sizeof(ulong);
    public const int RetransmitsAt = 6 * sizeof(ulong);
    public const int PairValueLength = 7 * sizeof(ulong);

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
