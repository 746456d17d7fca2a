using System.Collections.Immutable;
using System.Diagnostics;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Probe;

/// <summary>
/// Performs the operations of programs: a socket, a port by bind() for TCP and UDP, a connection. It holds at most two
/// ports and two descriptors for about 0.1 ms. These may be the last ones, so all other readers wait until it has
/// closed them. It leaves no TIME_WAIT. Without memory, a call may never return, so the reader has a thread of its own.
/// </summary>
sealed class AllocationProbeReader : Reader<AllocationProbe>
{
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    readonly Func<ImmutableArray<ProbeResult>> _attempt;
    readonly Func<TimeSpan, Reading<INetlinkTransport>> _openRoute;
    readonly Dictionary<(ProbeOperation, string), long> _errors = [];

    /// <summary>The reason for an operation of the last run that was refused, not for a lack; null for none.</summary>
    Missing? _refused;

    /// <summary>Creates a reader that performs all operations.</summary>
    public AllocationProbeReader(Func<TimeSpan, Reading<INetlinkTransport>> openRoute)
        : this(openRoute, Try) { }

    /// <summary>Creates a reader with other operations.</summary>
    public AllocationProbeReader(
        Func<TimeSpan, Reading<INetlinkTransport>> openRoute,
        Func<ImmutableArray<ProbeResult>> attempt
    )
        : base("allocation_probe", "socket(), bind(), connect()")
    {
        (_openRoute, _attempt) = (openRoute, attempt);
        (RunsFirst, Patience) = (true, 2 * Timeout);
    }

    public override bool HasOwnThread => true;

    protected override Reading<AllocationProbe> Read(SamplingPass sampling)
    {
        var results = _attempt();
        if (WithoutLoopback(results, sampling.Deadline) is { } missing)
            return missing;
        foreach (var result in results.Where(static result => result.Error != 0))
        {
            var key = (result.Operation, Errno.NameOf(result.Error));
            _errors[key] = _errors.GetValueOrDefault(key) + 1;
        }

        var foreign = results.Where(static result => !MayBeLack(result)).ToList();
        _refused = foreign is [var first, ..] ? Refused(first) : null;
        if (_refused is not null && foreign.Count == results.Length)
            return _refused;
        return new AllocationProbe(
            [.. results.Except(foreign)],
            [.. _errors.Select(static pair => new ProbeErrors(pair.Key.Item1, pair.Key.Item2, pair.Value))]
        );
    }

    protected override Missing? Shortfall(AllocationProbe value) => _refused;

    /// <summary>
    /// Returns true for a success, and for an error that a lack can cause. Ports, descriptors, memory and
    /// room in the table of tracked connections may be lacking.
    /// </summary>
    static bool MayBeLack(ProbeResult result) =>
        result.Error switch
        {
            Errno.EADDRNOTAVAIL => result.Operation == ProbeOperation.Connect,
            0 or Errno.EADDRINUSE or Errno.ETIMEDOUT => true,
            Errno.EAGAIN or Errno.EMFILE or Errno.ENFILE or Errno.ENOBUFS or Errno.ENOMEM or Errno.ENOSPC => true,
            _ => false,
        };

    /// <summary>Returns the reason for an operation that fails although nothing is exhausted.</summary>
    static Missing Refused(ProbeResult result) =>
        new(
            Absence.NotPermitted,
            $"{CallOf(result.Operation)} fails with {result.ErrorName}: a firewall rule, a route, a filter of system "
                + "calls or a security module refuses it, not a lack"
        )
        {
            IsFiltered = true,
        };

    static string CallOf(ProbeOperation operation) =>
        operation switch
        {
            ProbeOperation.Socket => "socket()",
            ProbeOperation.TcpBind => "TCP bind() to 127.0.0.1",
            ProbeOperation.UdpBind => "UDP bind() to 127.0.0.1",
            _ => "connect() to 127.0.0.1",
        };

    /// <summary>
    /// Returns the reason why the probe does not apply: without loopback it fails, though nothing is exhausted. Null
    /// where it applies.
    /// </summary>
    Missing? WithoutLoopback(ImmutableArray<ProbeResult> results, Deadline deadline)
    {
        var suspects = results.Where(MayLackLoopback).ToList();
        if (suspects.Count == 0)
            return null;
        string? reason = null;
        if (Loopback.Read(_openRoute, deadline).TryGet(out var loopback))
        {
            if (!loopback.IsUp)
                reason = "lo is down: ip link set lo up";
            else if (!loopback.HasAddress)
                reason = "no interface has the address 127.0.0.1: ip addr add 127.0.0.1/8 dev lo";
        }
        else if (suspects.Exists(static result => result.Error != Errno.ETIMEDOUT))
        {
            // Where rtnetlink is forbidden, the errors have to do.
            reason = "127.0.0.1 cannot be reached";
        }

        return reason is null ? null : new(Absence.NotPresent, $"{Source}: the probe needs loopback, and {reason}");
    }

    /// <summary>
    /// Returns true for an error that a missing loopback can cause. No lack of ports causes the first two: bind() fails
    /// with EADDRINUSE then and connect() with EADDRNOTAVAIL. A namespace that never had an address accepts every
    /// bind(), and one whose lo went down keeps its routes, so that connect() is not answered.
    /// </summary>
    static bool MayLackLoopback(ProbeResult result) =>
        (result.Operation, result.Error)
            is
                (ProbeOperation.TcpBind or ProbeOperation.UdpBind, Errno.EADDRNOTAVAIL)
                or
                (ProbeOperation.Connect, Errno.ENETUNREACH or Errno.ETIMEDOUT);

    static ImmutableArray<ProbeResult> Try()
    {
        var results = ImmutableArray.CreateBuilder<ProbeResult>();
        results.Add(Timed(ProbeOperation.Socket, static () =>
            {
                using var socket = ProbeSocket.Open(SysSocket.SOCK_STREAM, out var error);
                return error;
            }));
        results.Add(Timed(ProbeOperation.UdpBind, static () =>
            {
                using var socket = ProbeSocket.Open(SysSocket.SOCK_DGRAM, out var error);
                return socket?.BindToAnyPort() ?? error;
            }));

        ProbeSocket? listener = null;
        results.Add(Timed(ProbeOperation.TcpBind, () =>
            {
                listener = ProbeSocket.Open(SysSocket.SOCK_STREAM, out var error);
                return listener?.BindToAnyPort() ?? error;
            }));
        using (listener)
        {
            if (results[^1].Error == 0 && listener!.Listen() == 0)
            {
                results.Add(Timed(ProbeOperation.Connect, () =>
                    {
                        using var client = ProbeSocket.Open(SysSocket.SOCK_STREAM, out var error);
                        return client?.Connect(listener, Timeout) ?? error;
                    }));
            }
        }

        return results.ToImmutable();
    }

    static ProbeResult Timed(ProbeOperation operation, Func<int> body)
    {
        var start = Stopwatch.GetTimestamp();
        var error = body();
        return new(operation, error, Stopwatch.GetElapsedTime(start));
    }
}
