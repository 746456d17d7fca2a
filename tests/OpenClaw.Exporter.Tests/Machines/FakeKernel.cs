using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>Simulates the kernel's end of a netlink socket: a function answers each request.</summary>
/// <param name="answer">Maps a request's type, family and protocol to datagrams or to receive failures.</param>
sealed class FakeKernel(Func<ushort, byte, byte, IEnumerable<Reading<byte[]>>> answer) : INetlinkTransport
{
    readonly Queue<Reading<byte[]>> _datagrams = [];

    /// <summary>A fake kernel that ignores the protocol.</summary>
    public FakeKernel(Func<ushort, byte, IEnumerable<Reading<byte[]>>> answer)
        : this((type, family, _) => answer(type, family)) { }

    public Missing? Send(ReadOnlySpan<byte> request)
    {
        var header = MemoryMarshal.Read<LinuxNetlink.nlmsghdr>(request);
        _datagrams.Clear();
        foreach (var datagram in answer(header.nlmsg_type, request[16], request.Length > 17 ? request[17] : (byte)0))
        {
            // The kernel echoes the request's sequence number in each message. A fake message carries 0, so it is
            // replaced.
            if (datagram.TryGet(out var bytes))
            {
                for (
                    var at = 0;
                    at + 16 <= bytes.Length;
                    at += Math.Max(16, (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at)))
                )
                {
                    if (BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 8)) == 0)
                        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at + 8), header.nlmsg_seq);
                }
            }

            _datagrams.Enqueue(datagram);
        }

        return null;
    }

    public Reading<int> Receive(Span<byte> buffer)
    {
        if (!_datagrams.TryDequeue(out var datagram))
            return new Missing(Absence.TimedOut, "netlink sock_diag: Resource temporarily unavailable");
        if (!datagram.TryGet(out var bytes))
            return datagram.Missing!;
        bytes.AsSpan(0, Math.Min(bytes.Length, buffer.Length)).CopyTo(buffer);
        return bytes.Length;
    }

    /// <summary>A message: header, payload, padding.</summary>
    public static byte[] Message(ushort type, ReadOnlySpan<byte> payload, ushort flags = 0, uint sequence = 0)
    {
        var message = new byte[NetlinkAlignment.Align(16 + payload.Length)];
        MemoryMarshal.Write(
            message,
            new LinuxNetlink.nlmsghdr
            {
                nlmsg_len = (uint)(16 + payload.Length),
                nlmsg_type = type,
                nlmsg_flags = flags,
                nlmsg_seq = sequence,
            }
        );
        payload.CopyTo(message.AsSpan(16));
        return message;
    }

    /// <summary>NLMSG_DONE with the error that ended the dump, or 0.</summary>
    public static byte[] Done(int error = 0, ushort flags = 0) =>
        Message(LinuxNetlink.NLMSG_DONE, BitConverter.GetBytes(-error), flags);

    /// <summary>NLMSG_ERROR.</summary>
    public static byte[] Error(int error) =>
        Message(LinuxNetlink.NLMSG_ERROR, [.. BitConverter.GetBytes(-error), .. new byte[16]]);

    /// <summary>A socket as inet_diag reports it.</summary>
    public static byte[] Socket(
        TcpState state,
        string source,
        string destination = "0.0.0.0:0",
        byte timer = 0,
        uint expires = 0,
        bool? isIPv6Only = null,
        uint device = 0,
        uint received = 0,
        uint sent = 0,
        ulong? cgroup = null
    )
    {
        var (from, to) = (IPEndPoint.Parse(source), IPEndPoint.Parse(destination));
        var isIPv6 = from.AddressFamily == AddressFamily.InterNetworkV6;
        var payload = new byte[72];
        payload[0] = isIPv6 ? (byte)10 : (byte)2;
        payload[1] = (byte)state;
        payload[2] = timer;
        BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(4), (ushort)from.Port);
        BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(6), (ushort)to.Port);
        from.Address.GetAddressBytes().CopyTo(payload, 8);
        to.Address.GetAddressBytes().CopyTo(payload, 24);
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(40), device);
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(52), expires);
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(56), received);
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(60), sent);

        // A shutdown attribute precedes the wanted attribute, as in real dumps.
        byte[] attributes = isIPv6Only is { } only
            ? [5, 0, 8, 0, 0, 0, 0, 0, 5, 0, 11, 0, Convert.ToByte(only), 0, 0, 0]
            : [];
        if (cgroup is { } id)
            attributes = [.. attributes, 12, 0, 21, 0, .. BitConverter.GetBytes(id)];
        return Message(LinuxInetDiag.SOCK_DIAG_BY_FAMILY, [.. payload, .. attributes]);
    }
}
