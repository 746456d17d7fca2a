using System.Buffers.Binary;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Netlink;

namespace OpenClaw.Kernel.Conntrack;

/// <summary>Addresses and ports of one direction of a tracked connection.</summary>
readonly record struct ConnectionTuple
{
    public byte Protocol { get; private init; }

    public SocketAddress Source { get; private init; }

    public SocketAddress Destination { get; private init; }

    /// <summary>The source port; 0 for a protocol without ports.</summary>
    public ushort SourcePort { get; private init; }

    /// <summary>The destination port; 0 for a protocol without ports.</summary>
    public ushort DestinationPort { get; private init; }

    /// <summary>Parses CTA_TUPLE_ORIG or CTA_TUPLE_REPLY. Returns false where a field has another length.</summary>
    public static bool TryParse(ReadOnlySpan<byte> nested, out ConnectionTuple tuple)
    {
        tuple = default;
        var parts = new NetlinkAttributes(nested);
        while (parts.MoveNext())
        {
            var fields = new NetlinkAttributes(parts.CurrentPayload);
            while (fields.MoveNext())
            {
                var isKnown = parts.CurrentType switch
                {
                    LinuxNfnetlink.CTA_TUPLE_IP => TryAddress(fields, ref tuple),
                    LinuxNfnetlink.CTA_TUPLE_PROTO => TryProtocol(fields, ref tuple),
                    _ => true,
                };
                if (!isKnown)
                    return false;
            }

            var isParsed = parts.CurrentType is LinuxNfnetlink.CTA_TUPLE_IP or LinuxNfnetlink.CTA_TUPLE_PROTO;
            if (isParsed && fields.IsMalformed)
                return false;
        }

        return !parts.IsMalformed;
    }

    static bool TryAddress(in NetlinkAttributes field, ref ConnectionTuple tuple)
    {
        const int length4 = 4,
            length6 = 16;
        var bytes = field.CurrentPayload;
        switch (field.CurrentType)
        {
            case LinuxNfnetlink.CTA_IP_V4_SRC when bytes.Length == length4:
                tuple = tuple with { Source = SocketAddress.FromIPv4(bytes) };
                return true;
            case LinuxNfnetlink.CTA_IP_V4_DST when bytes.Length == length4:
                tuple = tuple with { Destination = SocketAddress.FromIPv4(bytes) };
                return true;
            case LinuxNfnetlink.CTA_IP_V6_SRC when bytes.Length == length6:
                tuple = tuple with { Source = SocketAddress.FromIPv6(bytes) };
                return true;
            case LinuxNfnetlink.CTA_IP_V6_DST when bytes.Length == length6:
                tuple = tuple with { Destination = SocketAddress.FromIPv6(bytes) };
                return true;
            default:
                return false;
        }
    }

    static bool TryProtocol(in NetlinkAttributes field, ref ConnectionTuple tuple)
    {
        var bytes = field.CurrentPayload;
        switch (field.CurrentType)
        {
            case LinuxNfnetlink.CTA_PROTO_NUM:
                tuple = tuple with { Protocol = bytes.IsEmpty ? (byte)0 : bytes[0] };
                return !bytes.IsEmpty;
            case LinuxNfnetlink.CTA_PROTO_SRC_PORT when BinaryPrimitives.TryReadUInt16BigEndian(bytes, out var port):
                tuple = tuple with { SourcePort = port };
                return true;
            case LinuxNfnetlink.CTA_PROTO_DST_PORT when BinaryPrimitives.TryReadUInt16BigEndian(bytes, out var port):
                tuple = tuple with { DestinationPort = port };
                return true;
            case LinuxNfnetlink.CTA_PROTO_SRC_PORT or LinuxNfnetlink.CTA_PROTO_DST_PORT:
                return false;
            default:
                // ICMP has other fields.
                return true;
        }
    }
}
