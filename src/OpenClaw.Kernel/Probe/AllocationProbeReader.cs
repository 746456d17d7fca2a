using System.Collections.Immutable;
using System.Diagnostics;
using OpenClaw.Kernel.Interop;
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
    readonly Dictionary<(ProbeOperation, string), long> _errors = [];

    /// <summary>Creates a reader that performs all operations.</summary>
    public AllocationProbeReader()
        : this(Try) { }

    /// <summary>Creates a reader with other operations.</summary>
    public AllocationProbeReader(Func<ImmutableArray<ProbeResult>> attempt)
        : base("allocation_probe", "socket(), bind(), connect()")
    {
        _attempt = attempt;
        (RunsFirst, Patience) = (true, 2 * Timeout);
    }

    public override bool HasOwnThread => true;

    protected override Reading<AllocationProbe> Read(SamplingPass sampling)
    {
        var results = _attempt();
        foreach (var result in results.Where(static result => result.Error != 0))
        {
            var key = (result.Operation, Errno.NameOf(result.Error));
            _errors[key] = _errors.GetValueOrDefault(key) + 1;
        }

        return new AllocationProbe(
            results,
            [.. _errors.Select(static pair => new ProbeErrors(pair.Key.Item1, pair.Key.Item2, pair.Value))]
        );
    }

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
