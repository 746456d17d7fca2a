using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>A kernel whose answers over netlink fail at random, in each way that netlink(7) names.</summary>
/// <param name="random">The source of faults.</param>
sealed class FaultyKernel(Random random) : INetlinkTransport
{
    /// <summary>EIO of errno.h.</summary>
    const int Eio = 5;

    static readonly int[] Errors =
    [
        Errno.EINTR,
        Errno.ENOBUFS,
        Errno.EMFILE,
        Errno.ENFILE,
        Errno.ENOMEM,
        Errno.EACCES,
        Errno.ESRCH,
        Eio,
        Errno.EPERM,
        Errno.ENOENT,
    ];

    readonly FakeKernel _whole = new(
        static (type, _) =>
            type == LinuxInetDiag.TCPDIAG_GETSOCK
                ? [FakeKernel.Socket(TcpState.Established, "10.0.0.1:443", "192.0.2.1:50000"), FakeKernel.Done()]
                : [FakeKernel.Done()]
    );

    /// <summary>The fault of the present request; null where it is answered.</summary>
    Func<byte[], int, Reading<int>>? _fault;

    /// <summary>Opens a socket, or fails to.</summary>
    public static Reading<INetlinkTransport> Open(Random random) =>
        random.Next(10) == 0 ? AnyError(random) : new FaultyKernel(random);

    public Missing? Send(ReadOnlySpan<byte> request)
    {
        _fault = Fault();
        return random.Next(15) == 0 ? AnyError(random) : _whole.Send(request);
    }

    public Reading<int> Receive(Span<byte> buffer)
    {
        var received = _whole.Receive(buffer);
        if (_fault is null || !received.TryGet(out var length))
            return received;
        var bytes = buffer[..Math.Min(length, buffer.Length)].ToArray();
        var answer = _fault(bytes, length);
        bytes.CopyTo(buffer);
        return answer;
    }

    static Missing AnyError(Random random) =>
        Missing.FromErrno(Errors[random.Next(Errors.Length)], "netlink", KernelCall.Netlink);

    Func<byte[], int, Reading<int>>? Fault() =>
        random.Next(12) switch
        {
            // An error instead of the answer, or as an answer.
            0 => (_, _) => AnyError(random),
            1 => static (bytes, length) => Changed(bytes, length, 4, LinuxNetlink.NLMSG_ERROR),
            // A short read, and a datagram that was cut.
            2 => (_, length) => random.Next(length),
            3 => static (_, _) => 1 << 20,
            // NLM_F_DUMP_INTR, a lost datagram, and the answer to an earlier request.
            4 => static (bytes, length) => Changed(bytes, length, 6, LinuxNetlink.NLM_F_DUMP_INTR),
            5 => static (bytes, length) => Changed(bytes, length, 4, LinuxNetlink.NLMSG_OVERRUN),
            6 => static (bytes, length) => Changed(bytes, length, 8, 0x7777),
            _ => null,
        };

    static Reading<int> Changed(byte[] bytes, int length, int at, int value)
    {
        if (bytes.Length >= at + 2)
            BitConverter.TryWriteBytes(bytes.AsSpan(at), (ushort)value);
        return length;
    }
}
