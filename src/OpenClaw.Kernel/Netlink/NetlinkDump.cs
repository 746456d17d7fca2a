using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Netlink;

/// <summary>Takes the messages of a dump one after another, and keeps none of them.</summary>
interface INetlinkFold
{
    /// <summary>Takes the payload of one message. Returns false when its form is not the documented one.</summary>
    bool TryAdd(ReadOnlySpan<byte> payload);
}

/// <summary>
/// Runs dumps over one transport: sends the request, passes each answer to a fold, and returns the result.
/// </summary>
sealed class NetlinkDump(INetlinkTransport transport, string subject)
{
    /// <summary>The number of attempts to read a list that changes meanwhile.</summary>
    const int Attempts = 3;

    /// <summary>
    /// The length of the receive buffer. The kernel fills at most 32 KiB of a datagram; the rest is reserve.
    /// </summary>
    const int BufferLength = 64 * 1024;

    uint _sequence;

    /// <summary>
    /// Sends a dump request and passes every answer to <paramref name="fold"/>. Returns null when the kernel reported
    /// that the dump is complete and did not change meanwhile. Returns the reason otherwise.
    /// </summary>
    public Missing? Run<TRequest>(ushort type, in TRequest request, INetlinkFold fold, Deadline deadline)
        where TRequest : unmanaged
    {
        // There are several dumps for each network namespace. New buffers would be most of a snapshot's garbage.
        var buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        try
        {
            return Exchange(type, request, fold, buffer, deadline);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>
    /// Runs like <see cref="Run"/>, but asks again, into a new fold, when the kernel's list changed meanwhile. The
    /// kernel reports that (NLM_F_DUMP_INTR) in rtnetlink whenever an interface appears or disappears.
    /// </summary>
    public Reading<TFold> RunUndisturbed<TRequest, TFold>(
        ushort type,
        in TRequest request,
        Func<TFold> start,
        Deadline deadline
    )
        where TRequest : unmanaged
        where TFold : INetlinkFold
    {
        for (var attempt = 1; ; attempt++)
        {
            var fold = start();
            if (Run(type, request, fold, deadline) is not { } failure)
                return fold;
            if (failure.Reason != Absence.Interrupted || attempt == Attempts)
                return failure;
        }
    }

    Missing? Exchange<TRequest>(ushort type, in TRequest request, INetlinkFold fold, byte[] buffer, Deadline deadline)
        where TRequest : unmanaged
    {
        var sequence = ++_sequence;
        if (Send(type, request, sequence) is { } unsent)
            return unsent;

        var interrupted = false;
        while (true)
        {
            if (deadline.HasPassed)
                return new(Absence.TimedOut, $"{subject}: deadline passed while reading the answer");
            var received = transport.Receive(buffer);
            if (!received.TryGet(out var length))
                return received.Missing! with { Detail = $"{subject}: {received.Missing!.Detail}" };
            if (length > buffer.Length)
                return new(Absence.Malformed, $"{subject}: datagram of {length} bytes cut to {buffer.Length}");

            var messages = new NetlinkMessages(buffer.AsSpan(0, length));
            while (messages.MoveNext())
            {
                var header = messages.Current.Header;
                if (header.nlmsg_seq != sequence)
                    continue;
                interrupted |= (header.nlmsg_flags & LinuxNetlink.NLM_F_DUMP_INTR) != 0;
                var payload = messages.Current.Payload;
                switch (header.nlmsg_type)
                {
                    case LinuxNetlink.NLMSG_NOOP:
                        break;
                    case LinuxNetlink.NLMSG_OVERRUN:
                        return new(Absence.Interrupted, $"{subject}: data was lost (NLMSG_OVERRUN)");
                    case LinuxNetlink.NLMSG_ERROR:
                        // An error of 0 acknowledges a request. A dump never ends with one.
                        return Error(payload)
                            ?? new(Absence.Malformed, $"{subject}: error message without an error code");
                    case LinuxNetlink.NLMSG_DONE:
                        // The kernel reports a dump that failed half way only here.
                        return Error(payload)
                            ?? (
                                interrupted
                                    ? new(Absence.Interrupted, $"{subject}: changed while being read (NLM_F_DUMP_INTR)")
                                    : null
                            );
                    default:
                        if (!fold.TryAdd(payload))
                        {
                            return new(
                                Absence.Malformed,
                                $"{subject}: record of {payload.Length} bytes has an undocumented format"
                            );
                        }

                        break;
                }
            }

            if (messages.IsMalformed)
                return new(Absence.Malformed, $"{subject}: message length does not fit its datagram of {length} bytes");
        }
    }

    Missing? Send<TRequest>(ushort type, in TRequest request, uint sequence)
        where TRequest : unmanaged
    {
        var header = Unsafe.SizeOf<LinuxNetlink.nlmsghdr>();
        var length = header + Unsafe.SizeOf<TRequest>();
        Span<byte> bytes = stackalloc byte[length];
        MemoryMarshal.Write(
            bytes,
            new LinuxNetlink.nlmsghdr
            {
                nlmsg_len = (uint)length,
                nlmsg_type = type,
                nlmsg_flags = LinuxNetlink.NLM_F_REQUEST | LinuxNetlink.NLM_F_DUMP,
                nlmsg_seq = sequence,
            }
        );
        MemoryMarshal.Write(bytes[header..], request);
        return transport.Send(bytes);
    }

    Missing? Error(ReadOnlySpan<byte> payload) =>
        MemoryMarshal.TryRead<int>(payload, out var error) && error < 0
            ? Missing.FromErrno(-error, subject, KernelCall.Netlink)
            : null;
}
