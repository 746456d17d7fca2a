using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Netlink;

namespace OpenClaw.Kernel.Conntrack;

/// <summary>An entry of connection tracking, as ctnetlink shows it.</summary>
readonly ref struct TrackedConnection
{
    /// <summary>The addresses and ports as its first packet had them.</summary>
    public ConnectionTuple Original { get; private init; }

    /// <summary>The addresses and ports of an answer, which show the translation.</summary>
    public ConnectionTuple Reply { get; private init; }

    /// <summary>The zone, in which tuples are unique.</summary>
    public ushort Zone { get; private init; }

    /// <summary>The bits IPS_*.</summary>
    public uint Status { get; private init; }

    /// <summary>The state of a TCP connection (enum tcp_conntrack); 0 for other protocols.</summary>
    public byte TcpState { get; private init; }

    /// <summary>Reads a message. Returns false where a field has another length than documented.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out TrackedConnection connection)
    {
        connection = default;
        if (payload.Length < Unsafe.SizeOf<LinuxNfnetlink.nfgenmsg>())
            return false;
        var attributes = new NetlinkAttributes(payload[Unsafe.SizeOf<LinuxNfnetlink.nfgenmsg>()..]);
        ConnectionTuple original = default,
            reply = default;
        ushort zone = 0;
        uint status = 0;
        byte state = 0;
        while (attributes.MoveNext())
        {
            var value = attributes.CurrentPayload;
            switch (attributes.CurrentType)
            {
                case LinuxNfnetlink.CTA_TUPLE_ORIG when !ConnectionTuple.TryParse(value, out original):
                case LinuxNfnetlink.CTA_TUPLE_REPLY when !ConnectionTuple.TryParse(value, out reply):
                case LinuxNfnetlink.CTA_STATUS when !BinaryPrimitives.TryReadUInt32BigEndian(value, out status):
                case LinuxNfnetlink.CTA_ZONE when !BinaryPrimitives.TryReadUInt16BigEndian(value, out zone):
                case LinuxNfnetlink.CTA_PROTOINFO when !TryReadState(value, out state):
                    return false;
            }
        }

        connection = new()
        {
            Original = original,
            Reply = reply,
            Zone = zone,
            Status = status,
            TcpState = state,
        };
        return !attributes.IsMalformed;
    }

    static bool TryReadState(ReadOnlySpan<byte> nested, out byte state)
    {
        state = 0;
        var protocols = new NetlinkAttributes(nested);
        while (protocols.MoveNext())
        {
            if (protocols.CurrentType != LinuxNfnetlink.CTA_PROTOINFO_TCP)
                continue;
            var fields = new NetlinkAttributes(protocols.CurrentPayload);
            while (fields.MoveNext())
            {
                if (fields.CurrentType != LinuxNfnetlink.CTA_PROTOINFO_TCP_STATE)
                    continue;
                if (fields.CurrentPayload.IsEmpty)
                    return false;
                state = fields.CurrentPayload[0];
            }

            if (fields.IsMalformed)
                return false;
        }

        return !protocols.IsMalformed;
    }
}
