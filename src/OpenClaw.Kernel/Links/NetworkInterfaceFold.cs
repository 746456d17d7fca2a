using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Netlink;

namespace OpenClaw.Kernel.Links;

/// <summary>Collects the interfaces of a RTM_GETLINK dump.</summary>
sealed class NetworkInterfaceFold : INetlinkFold
{
    const int MacAddressLength = 6;

    readonly ImmutableArray<NetworkInterface>.Builder _interfaces = ImmutableArray.CreateBuilder<NetworkInterface>();

    public NetworkInterfaces ToNetworkInterfaces() => new(_interfaces.ToImmutable());

    public bool TryAdd(ReadOnlySpan<byte> payload)
    {
        if (!MemoryMarshal.TryRead<LinuxRtnetlink.ifinfomsg>(payload, out var message))
            return false;

        var link = new NetworkInterface(message.ifi_index, "", "", "", 0, 0, 0);
        var isLowerElsewhere = false;
        var attributes = new NetlinkAttributes(payload[Unsafe.SizeOf<LinuxRtnetlink.ifinfomsg>()..]);
        while (attributes.MoveNext())
        {
            var value = attributes.CurrentPayload;
            switch (attributes.CurrentType)
            {
                case LinuxIfLink.IFLA_IFNAME:
                    link = link with { Name = NetlinkText.Decode(value) };
                    break;
                case LinuxIfLink.IFLA_MASTER when MemoryMarshal.TryRead<int>(value, out var master):
                    link = link with { Master = master };
                    break;
                case LinuxIfLink.IFLA_LINK when MemoryMarshal.TryRead<int>(value, out var lower):
                    link = link with { Lower = lower };
                    break;
                case LinuxIfLink.IFLA_OPERSTATE when value.Length >= 1:
                    link = link with
                    {
                        IsDown =
                            value[0]
                                is LinuxIfLink.IF_OPER_NOTPRESENT
                                    or LinuxIfLink.IF_OPER_DOWN
                                    or LinuxIfLink.IF_OPER_LOWERLAYERDOWN,
                    };
                    break;
                case LinuxIfLink.IFLA_LINK_NETNSID:
                    isLowerElsewhere = true;
                    break;
                case LinuxIfLink.IFLA_ADDRESS
                    when message.ifi_type == LinuxIfLink.ARPHRD_ETHER && value.Length == MacAddressLength:
                    link = link with { MacAddress = MacAddress(value) };
                    break;
                case LinuxIfLink.IFLA_LINKINFO:
                    if (!TryReadKinds(value, ref link))
                        return false;
                    break;
            }
        }

        if (attributes.IsMalformed || link.Name.Length == 0)
            return false;
        _interfaces.Add(isLowerElsewhere ? link with { Lower = 0, PeerElsewhere = link.Lower } : link);
        return true;
    }

    static bool TryReadKinds(ReadOnlySpan<byte> info, ref NetworkInterface link)
    {
        var attributes = new NetlinkAttributes(info);
        while (attributes.MoveNext())
        {
            if (attributes.CurrentType == LinuxIfLink.IFLA_INFO_KIND)
                link = link with { Kind = NetlinkText.Decode(attributes.CurrentPayload) };
            else if (attributes.CurrentType == LinuxIfLink.IFLA_INFO_SLAVE_KIND)
                link = link with { PortKind = NetlinkText.Decode(attributes.CurrentPayload) };
        }

        return !attributes.IsMalformed;
    }

    static ulong MacAddress(ReadOnlySpan<byte> bytes) =>
        ((ulong)BinaryPrimitives.ReadUInt32BigEndian(bytes) << 16) | BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
}
