using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Probe;

/// <summary>
/// The loopback interface of a network namespace. A new namespace has it down, and without an address.
/// </summary>
/// <param name="IsUp">True where it is up.</param>
/// <param name="HasAddress">True where 127.0.0.1 is an address of the namespace.</param>
readonly record struct Loopback(bool IsUp, bool HasAddress)
{
    const string Source = "rtnetlink, RTM_GETLINK, RTM_GETADDR";

    /// <summary>Reads it in the network namespace of the calling thread.</summary>
    public static Reading<Loopback> Read(Func<TimeSpan, Reading<INetlinkTransport>> open, Deadline deadline) =>
        open(deadline.Remaining)
            .Then(transport =>
            {
                using (transport as IDisposable)
                {
                    var dump = new NetlinkDump(transport, Source);
                    return dump.RunUndisturbed(
                            LinuxRtnetlink.RTM_GETLINK,
                            default(LinuxRtnetlink.ifinfomsg),
                            static () => new LinkFold(),
                            deadline
                        )
                        .Then(links =>
                            dump.RunUndisturbed(
                                    LinuxRtnetlink.RTM_GETADDR,
                                    new LinuxIfAddr.ifaddrmsg { ifa_family = SysSocket.AF_INET },
                                    () => new AddressFold(links.Index),
                                    deadline
                                )
                                .Select(addresses => new Loopback(links.IsUp, addresses.IsFound))
                        );
                }
            });

    /// <summary>Finds the loopback interface among all.</summary>
    sealed class LinkFold : INetlinkFold
    {
        public int Index { get; private set; }

        public bool IsUp { get; private set; }

        public bool TryAdd(ReadOnlySpan<byte> payload)
        {
            if (!MemoryMarshal.TryRead<LinuxRtnetlink.ifinfomsg>(payload, out var link))
                return false;
            if ((link.ifi_flags & LinuxIfLink.IFF_LOOPBACK) != 0)
                (Index, IsUp) = (link.ifi_index, (link.ifi_flags & LinuxIfLink.IFF_UP) != 0);
            return true;
        }
    }

    /// <summary>
    /// Finds 127.0.0.1 among all addresses. All addresses in the network of an address of loopback are local too
    /// (fib_add_ifaddr in net/ipv4/fib_frontend.c).
    /// </summary>
    sealed class AddressFold(int loopback) : INetlinkFold
    {
        public bool IsFound { get; private set; }

        public bool TryAdd(ReadOnlySpan<byte> payload)
        {
            if (!MemoryMarshal.TryRead<LinuxIfAddr.ifaddrmsg>(payload, out var message))
                return false;
            var attributes = new NetlinkAttributes(payload[Unsafe.SizeOf<LinuxIfAddr.ifaddrmsg>()..]);
            while (attributes.MoveNext())
            {
                if (
                    attributes.CurrentType == LinuxIfAddr.IFA_LOCAL
                    && BinaryPrimitives.TryReadUInt32BigEndian(attributes.CurrentPayload, out var address)
                )
                {
                    // A shift by 32 bits would shift by none, and one by less than 0 by any number.
                    if (message.ifa_prefixlen > 32)
                        return false;
                    var bits = message.ifa_index == loopback ? message.ifa_prefixlen : 32;
                    IsFound |= (ulong)(address ^ NetinetIn.INADDR_LOOPBACK) >> (32 - bits) == 0;
                }
            }

            return !attributes.IsMalformed;
        }
    }
}
