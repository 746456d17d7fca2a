using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Netlink;

/// <summary>A netlink connection: the kernel behind a socket, or bytes from a test.</summary>
interface INetlinkTransport
{
    /// <summary>Sends one request. Returns null, or the reason why it could not be sent.</summary>
    Missing? Send(ReadOnlySpan<byte> request);

    /// <summary>
    /// Receives one datagram. Returns the datagram's own length, which is larger than <paramref name="buffer"/> when it
    /// was cut.
    /// </summary>
    Reading<int> Receive(Span<byte> buffer);
}
