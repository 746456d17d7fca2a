using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Netlink;

/// <summary>One netlink conversation: the kernel behind a socket, or bytes that a test made up.</summary>
interface INetlinkTransport
{
    /// <summary>Sends one request; null, or why it could not be sent.</summary>
    Missing? Send(ReadOnlySpan<byte> request);

    /// <summary>
    /// Receives one datagram. The length is the datagram's own: larger than <paramref name="buffer"/> when it was cut.
    /// </summary>
    Reading<int> Receive(Span<byte> buffer);
}
