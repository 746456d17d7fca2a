using System.Collections.Immutable;
using System.Diagnostics;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Probe;

/// <summary>
/// Tries what programs do: a socket, a port by bind() for TCP and UDP, a connection. For about a tenth of a millisecond it
/// holds at most two ports and two descriptors, so that it may itself be the one that takes the last; it closes them all
/// before the sockets are dumped, and leaves no TIME_WAIT.
/// </summary>
/// <param name="attempt">What is tried.</param>
/// <param name="patience">How long that may take.</param>
sealed class AllocationProbeReader(Func<ImmutableArray<ProbeResult>> attempt, TimeSpan patience)
    : Reader<AllocationProbe>("allocation_probe", "socket(), bind(), connect()")
{
    /// <summary>One that tries everything.</summary>
    public AllocationProbeReader() : this(Try, 2 * Timeout)
    {
    }

    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    readonly Dictionary<(ProbeOperation, string), long> _errors = [];
    Thread? _stuck;

    protected override Reading<AllocationProbe> Read(SamplingPass sampling)
    {
        if (_stuck is { IsAlive: true })
            return new Missing(Absence.TimedOut, $"{Source}: the last trial has not come back");

        // In a thread of its own: a call that the kernel does not return from, as with no memory, holds up nothing else.
        // It is in the network namespace of this one.
        var results = ImmutableArray<ProbeResult>.Empty;
        Exception? bug = null;
        var thread = new Thread(() =>
        {
            try
            {
                results = attempt();
            }
#pragma warning disable CA1031 // On a thread of its own nobody else would catch it, and it would end the process.
            catch (Exception error)
#pragma warning restore CA1031
            {
                bug = error;
            }
        })
        { IsBackground = true, Name = "allocation probe" };
        thread.Start();
        if (!thread.Join(patience))
        {
            _stuck = thread;
            return new Missing(Absence.TimedOut, $"{Source}: no result within {patience.TotalSeconds:0.###} s");
        }

        if (bug is not null)
            return new Missing(Absence.Failed, $"{Source}: {bug.Message}");
        foreach (var result in results.Where(static result => result.Error != 0))
        {
            var key = (result.Operation, Errno.NameOf(result.Error));
            _errors[key] = _errors.GetValueOrDefault(key) + 1;
        }

        return new AllocationProbe(
            results, [.. _errors.Select(static pair => new ProbeErrors(pair.Key.Item1, pair.Key.Item2, pair.Value))]);
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
