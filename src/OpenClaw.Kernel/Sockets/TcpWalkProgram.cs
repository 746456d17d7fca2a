using System.Buffers.Binary;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.Bpf;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sampling;
using static OpenClaw.Kernel.Sockets.TcpWalkLayout;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// The program in the kernel that counts the TCP sockets of a network namespace (iter/tcp), without listeners. It
/// counts where the dump of inet_diag copies each socket. It also sees the bind bucket of a port, which decides whether
/// connect() may share the port (__inet_hash_connect), and IPV6_V6ONLY of every socket.
/// </summary>
/// <remarks>
/// The pass walks the sockets of the namespace of the thread that begins it, so one program serves all namespaces. They
/// share the maps, so only one walk runs at a time.
/// </remarks>
sealed class TcpWalkProgram : IDisposable
{
    const string Function = "bpf_iter_tcp";

    static readonly string[] Wanted =
    [
        Function,
        "bpf_iter__tcp.meta",
        "bpf_iter__tcp.sk_common",
        "bpf_iter_meta.seq",
        "sock_common.skc_state",
        "sock_common.skc_family",
        "sock_common.skc_ipv6only",
        "sock_common.skc_bound_dev_if",
        "sock_common.skc_num",
        "sock_common.skc_dport",
        "sock_common.skc_rcv_saddr",
        "sock_common.skc_daddr",
        "sock_common.skc_v6_rcv_saddr",
        "sock_common.skc_v6_daddr",
        "sock.sk_cgrp_data",
        "sock.sk_socket",
        "sock.sk_timer",
        "sock_cgroup_data.cgroup",
        "cgroup.kn",
        "kernfs_node.id",
        "socket.file",
        "file.f_inode",
        "inode.i_ino",
        "timer_list.entry",
        "hlist_node.pprev",
        "inet_connection_sock.icsk_pending",
        "inet_connection_sock.icsk_bind_hash",
        "tcp_sock.rcv_nxt",
        "tcp_sock.copied_seq",
        "tcp_sock.write_seq",
        "tcp_sock.snd_una",
        "inet_bind_bucket.fastreuse",
        "inet_bind_bucket.fastreuseport",
        "inet_timewait_sock.tw_substate",
        "inet_timewait_sock.tw_tb",
        "tcp_timewait_sock.tw_ts_recent_stamp",
    ];

    readonly Lock _oneAtATime = new();
    readonly TcpWalkMaps _maps;
    readonly BpfIterator _iterator;

    /// <summary>True where the maps may have elements of a walk that failed.</summary>
    bool _hasLeftovers;

    TcpWalkProgram(TcpWalkMaps maps, BpfIterator iterator) => (_maps, _iterator) = (maps, iterator);

    /// <summary>Loads and attaches the program. Needs CAP_BPF and CAP_PERFMON.</summary>
    /// <param name="types">The path of the kernel's BTF.</param>
    public static Reading<TcpWalkProgram> Attach(string types) => Attach(types, TcpWalkMaps.Create());

    /// <inheritdoc cref="Attach(string)"/>
    /// <param name="types">The path of the kernel's BTF.</param>
    /// <param name="created">The maps.</param>
    /// <param name="without">Names of the kernel that are taken to be missing.</param>
    internal static Reading<TcpWalkProgram> Attach(string types, Reading<TcpWalkMaps> created, params string[] without)
    {
        // The maps come first. Where they are refused, the 5 MB of BTF are not read.
        if (!created.TryGet(out var maps))
            return created.Missing!;
        string[] optional = [TcpWalkListing.EntryStamp, TcpWalkListing.KeepaliveTimer];
        var attached = Btf.Find(types, Wanted, [.. optional.Except(without)])
            .Then(facts => BpfIterator.Attach(new TcpWalkListing(facts, maps).Write(), facts[Function]));
        if (attached.TryGet(out var iterator))
            return new TcpWalkProgram(maps, iterator);
        maps.Dispose();
        return attached.Missing!;
    }

    /// <summary>
    /// Adds the sockets of the calling thread's network namespace to a fold that has the listeners. Returns the
    /// failure; null when all were added.
    /// </summary>
    public Missing? Walk(SocketFold fold, Deadline deadline)
    {
        if (!_oneAtATime.TryEnter(deadline.Remaining))
            return new(Absence.TimedOut, "bpf iter/tcp: deadline passed while another namespace was walked");
        try
        {
            if (_hasLeftovers && Take(null) is { } left)
                return left;
            _hasLeftovers = true;
            var walk = new byte[Length];
            fold.WriteTo(walk);
            var failure = _maps.Walk.Write(walk)
                ?? _iterator.Read(
                    output =>
                    {
                        for (; output.Length >= SocketLength; output = output[SocketLength..])
                            Add(fold, output);
                    },
                    deadline
                )
                ?? _maps.Walk.Read(walk);
            if (failure is not null)
                return failure;
            if (MemoryMarshal.Read<ulong>(walk.AsSpan(FullAt)) > 0)
                return new(Absence.Interrupted, $"bpf iter/tcp: more than {TcpWalkMaps.Limits}");
            fold.AddWalk(walk);
            failure = Take(fold);
            _hasLeftovers = failure is not null;
            return failure;
        }
        finally
        {
            _oneAtATime.Exit();
        }
    }

    public void Dispose()
    {
        _iterator.Dispose();
        _maps.Dispose();
    }

    static void Add(SocketFold fold, ReadOnlySpan<byte> socket) =>
        fold.AddAtServicePort(
            new(
                MemoryMarshal.Read<ushort>(socket[SourcePortAt..]),
                (TcpState)MemoryMarshal.Read<ushort>(socket[StateAt..]),
                SocketAddress.FromIPv6(socket[SourceAt..]),
                DestinationOf(socket),
                MemoryMarshal.Read<ulong>(socket[InodeAt..])
            )
        );

    static Destination DestinationOf(ReadOnlySpan<byte> socket) =>
        new(
            SocketAddress.FromIPv6(socket[DestinationAt..]),
            BinaryPrimitives.ReadUInt16BigEndian(socket[DestinationPortAt..])
        );

    /// <summary>Empties the maps into a fold; null to forget their elements.</summary>
    Missing? Take(SocketFold? fold) =>
        _maps.Cgroups.TakeAll(
            (key, states) => fold?.AddCgroup(MemoryMarshal.Read<ulong>(key), MemoryMarshal.Cast<byte, ulong>(states))
        )
        ?? _maps.Addresses.TakeAll(
            (key, ports) =>
                fold?.AddPorts(SocketAddress.FromIPv6(key), MemoryMarshal.Read<uint>(key[IPv6OnlyAt..]) != 0, ports)
        )
        ?? _maps.Pairs.TakeAll(
            (key, holds) =>
                fold?.AddPair(
                    SocketAddress.FromIPv6(key[SourceAt..]),
                    DestinationOf(key),
                    MemoryMarshal.Read<uint>(key[InterfaceAt..]),
                    MemoryMarshal.Cast<byte, ulong>(holds)
                )
        );
}
