using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Netlink;

namespace OpenClaw.Kernel.InetDiag;

/// <summary>A socket of an inet_diag dump or of a file. It is valid as long as its datagram or row.</summary>
readonly ref struct SocketRecord
{
    /// <summary>The timer value of TIME_WAIT sockets and orphaned FIN_WAIT2 sockets.</summary>
    const byte TimeWaitTimer = 3;

    // TCP_TIMEWAIT_LEN is a constant of the kernel; no sysctl changes it.
    static readonly TimeSpan TimeWaitLength = TimeSpan.FromSeconds(60);

    readonly ref readonly LinuxInetDiag.inet_diag_msg _message;
    readonly ReadOnlySpan<byte> _attributes;
    readonly bool _hasBacklog;

    SocketRecord(ReadOnlySpan<byte> payload)
    {
        _message = ref MemoryMarshal.AsRef<LinuxInetDiag.inet_diag_msg>(payload);
        _attributes = payload[Unsafe.SizeOf<LinuxInetDiag.inet_diag_msg>()..];
        _hasBacklog = true;
    }

    SocketRecord(in LinuxInetDiag.inet_diag_msg row) => _message = ref row;

    public TcpState State => (TcpState)_message.idiag_state;

    public bool IsIPv6 => _message.idiag_family == SysSocket.AF_INET6;

    public ushort SourcePort => BinaryPrimitives.ReverseEndianness(_message.id.idiag_sport);

    public ushort DestinationPort => BinaryPrimitives.ReverseEndianness(_message.id.idiag_dport);

    public SocketAddress Source => Address(_message.id.idiag_src);

    public SocketAddress Destination => Address(_message.id.idiag_dst);

    /// <summary>The inode of the socket; 0 where no process has it.</summary>
    public ulong Inode => _message.idiag_inode;

    /// <summary>The user id of the process that created the socket.</summary>
    public uint User => _message.idiag_uid;

    /// <summary>The interface that the socket is bound to, or 0.</summary>
    public uint Interface => _message.id.idiag_if;

    /// <summary>
    /// The connections that wait for accept(), of a listener. The bytes not yet read, of a connection.
    /// </summary>
    public uint ReceiveQueue => _message.idiag_rqueue;

    /// <summary>The backlog of a listener; null where the source does not show it.</summary>
    public uint? Backlog => _hasBacklog ? _message.idiag_wqueue : null;

    /// <summary>Bytes that wait in a connection, in either direction. Meaningless for a listener.</summary>
    public long QueuedBytes => (long)ReceiveQueue + _message.idiag_wqueue;

    /// <summary>
    /// True when a timer runs for the socket: retransmission, keepalive (2), TIME_WAIT, or a probe of a closed window.
    /// </summary>
    public bool HasTimer => _message.idiag_timer != 0;

    /// <summary>
    /// The id of the socket's cgroup v2. It is 0 when the kernel does not report it, as for TIME_WAIT and before Linux
    /// 5.9.
    /// </summary>
    public ulong CgroupId
    {
        get
        {
            var attributes = new NetlinkAttributes(_attributes);
            while (attributes.MoveNext())
            {
                if (attributes.CurrentType == LinuxInetDiag.INET_DIAG_CGROUP_ID)
                    return MemoryMarshal.TryRead<ulong>(attributes.CurrentPayload, out var id) ? id : 0;
            }

            return 0;
        }
    }

    /// <summary>
    /// True for a closing socket without a process that is still a full socket. tcp_max_orphans limits these.
    /// </summary>
    public bool IsOrphan =>
        State is TcpState.FinWait1 or TcpState.FinWait2 or TcpState.LastAck or TcpState.Closing
        && _message.idiag_inode == 0
        && _message.idiag_timer != TimeWaitTimer;

    /// <summary>
    /// True for a socket with a port and no connection: a listener, or a bound socket that neither listens nor
    /// connects.
    /// </summary>
    public bool HoldsPortWithoutConnection => State is TcpState.Listen or TcpState.Close;

    /// <summary>The time since the socket entered TIME_WAIT; null in every other state.</summary>
    public TimeSpan? TimeWaitAge =>
        State == TcpState.TimeWait && _message.idiag_timer == TimeWaitTimer
            ? TimeWaitLength - TimeSpan.FromMilliseconds(_message.idiag_expires)
            : null;

    /// <summary>
    /// True for an IPv6 socket that refuses IPv4; null when the kernel does not report it, as for every connected
    /// socket.
    /// </summary>
    public bool? IsIPv6Only
    {
        get
        {
            var attributes = new NetlinkAttributes(_attributes);
            while (attributes.MoveNext())
            {
                if (attributes.CurrentType == LinuxInetDiag.INET_DIAG_SKV6ONLY && attributes.CurrentPayload.Length >= 1)
                    return attributes.CurrentPayload[0] != 0;
            }

            return null;
        }
    }

    /// <summary>Reads one message of a dump. Returns false when it is shorter than inet_diag_msg.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out SocketRecord record)
    {
        if (payload.Length < Unsafe.SizeOf<LinuxInetDiag.inet_diag_msg>())
        {
            record = default;
            return false;
        }

        record = new(payload);
        return true;
    }

    /// <summary>
    /// Wraps a row of /proc/net/tcp or udp. A row has neither attributes nor the backlog of a listener.
    /// </summary>
    public static SocketRecord FromRow(in LinuxInetDiag.inet_diag_msg row) => new(row);

    SocketAddress Address(in LinuxInetDiag.address address) =>
        IsIPv6 ? SocketAddress.FromIPv6(address) : SocketAddress.FromIPv4(address);
}
