using System.Diagnostics;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.Bpf;
using OpenClaw.Kernel.Sampling;
using static OpenClaw.Kernel.Sockets.TcpWalkLayout;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// The program in the kernel that counts the TCP sockets of a network namespace, without listeners. It counts where the
/// dump of inet_diag copies each socket. It also sees the bind bucket of a port, which decides whether
/// connect() may share the port (__inet_hash_connect), and IPV6_V6ONLY of every socket.
/// </summary>
sealed class TcpWalkProgram : IDisposable
{
    /// <summary>The names of the kernel for the iterator.</summary>
    static readonly string[] OfIterator = [Function, "bpf_iter__tcp.sk_common"];

    const string Function = "bpf_iter_tcp";

    /// <summary>The names of the kernel that some kernels lack.</summary>
    static readonly string[] Optional =
    [
        TcpWalkListing.EntryStamp,
        TcpWalkListing.KeepaliveTimer,
        .. OfIterator,
        .. TcpWalkListing.OfHash,
    ];

    static readonly string[] Wanted =
    [
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
        "tcp_sock.srtt_us",
        "tcp_sock.total_retrans",
        "inet_bind_bucket.fastreuse",
        "inet_bind_bucket.fastreuseport",
        "inet_timewait_sock.tw_substate",
        "inet_timewait_sock.tw_tb",
        "tcp_timewait_sock.tw_ts_recent_stamp",
    ];

    readonly TcpWalkMaps _maps;
    readonly IDisposable _program;
    readonly SocketWalk _walk;
    readonly SocketPlaces _places = new();

    TcpWalkProgram(TcpWalkMaps maps, IDisposable program, string name, Func<Deadline, Missing?> pass)
    {
        (_maps, _program, Name) = (maps, program, name);
        _walk = new(name, pass, maps.Walk, Length, FullAt, TcpWalkMaps.Limits);
    }

    /// <summary>The name of the program in messages.</summary>
    public string Name { get; }

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
        var attached = Btf.Find(types, Wanted, [.. Optional.Except(without)]).Then(facts => Attach(facts, maps));
        if (attached.Missing is not null)
            maps.Dispose();
        return attached;
    }

    /// <summary>Attaches the walk of the hash, else the iterator.</summary>
    static Reading<TcpWalkProgram> Attach(Dictionary<string, int> facts, TcpWalkMaps maps)
    {
        if (
            TcpWalkListing.OfHash.All(facts.ContainsKey)
            && BpfCall.Load(TcpWalkListing.WriteHash(facts, maps)).TryGet(out var call)
        )
        {
            return new TcpWalkProgram(maps, call, "bpf tcp_hashinfo", deadline => PassHash(call, deadline));
        }

        return Array.Find(OfIterator, name => !facts.ContainsKey(name)) is { } none
            ? Btf.Lacks(none)
            : BpfIterator
                .Attach(TcpWalkListing.WriteIterator(facts, maps), facts[Function])
                .Select(iterator => new TcpWalkProgram(maps, iterator, "bpf iter/tcp", iterator.Read));
    }

    static Missing? PassHash(BpfCall call, Deadline deadline)
    {
        while (!deadline.HasPassed)
        {
            var run = call.Run();
            if (!run.TryGet(out var result))
                return run.Missing;
            if (result == TcpWalkListing.IsComplete)
                return null;
            if (result != TcpWalkListing.GoesOn)
                return new(Absence.Interrupted, "bpf tcp_hashinfo: changed while it was walked");
        }

        return new(Absence.TimedOut, "bpf tcp_hashinfo: deadline passed");
    }

    /// <summary>
    /// Adds the sockets of the calling thread's network namespace to a fold that has the listeners. Returns the
    /// failure; null when all were added.
    /// </summary>
    /// <param name="fold">The fold.</param>
    /// <param name="turn">The walk.</param>
    /// <param name="deadline">The deadline.</param>
    public Missing? Walk(SocketFold fold, WalkTurn turn, Deadline deadline)
    {
        var failure = Run(fold, turn, deadline, out var misses);

        // Sockets come and go so fast that many are at places that were not noted.
        return misses ? Run(fold, turn with { IsWhole = true }, deadline, out _) : failure;
    }

    Missing? Run(SocketFold fold, WalkTurn turn, Deadline deadline, out bool misses)
    {
        var (began, isKnown, missesSome) = (0L, false, false);
        var failure = _walk.Run(
            value =>
            {
                began = Stopwatch.GetTimestamp();
                fold.WriteTo(value);
                isKnown = _places.WriteTo(value, turn);
            },
            (value, takes) =>
            {
                missesSome = takes && isKnown && turn.Misses(MemoryMarshal.Read<ulong>(value.AsSpan(PassedAt)));
                if (missesSome)
                    return new(Absence.Interrupted, $"{Name}: sockets were missed");
                if (takes)
                    fold.AddWalk(value);
                return Take(takes ? fold : null) ?? TakePlaces(takes && _places.Restart(value), turn, began);
            },
            deadline
        );
        misses = missesSome;
        return failure;
    }

    public void Dispose()
    {
        _program.Dispose();
        _maps.Dispose();
    }

    /// <summary>Empties the maps into a fold; null to forget their elements.</summary>
    Missing? Take(SocketFold? fold) =>
        Take(_maps.Cgroups, fold, TcpWalkElements.AddCgroup)
        ?? Take(_maps.Addresses, fold, TcpWalkElements.AddAddress)
        ?? Take(_maps.Pairs, fold, TcpWalkElements.AddPair)
        ?? Take(_maps.Retransmits, fold, TcpWalkElements.AddRetransmits)
        ?? Take(_maps.Sockets, fold, static (fold, _, socket) => TcpWalkElements.AddSocket(fold, socket));

    Missing? TakePlaces(bool keeps, WalkTurn turn, long began)
    {
        var failure = _maps.Places.TakeAll(
            (key, places) =>
            {
                if (keeps)
                    _places.Add(key, places);
            }
        );
        if (keeps && failure is null)
            _places.Finish(turn.Namespace, began);
        return failure;
    }

    static Missing? Take(BpfMap map, SocketFold? fold, ElementAdder add) =>
        map.TakeAll(
            (key, value) =>
            {
                if (fold is not null)
                    add(fold, key, value);
            }
        );

    delegate void ElementAdder(SocketFold fold, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);
}
