using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace OpenClaw.KernelTests;

/// <summary>Hand-written first packets of a connection from 127.0.0.1 to port 9 of 127.0.0.1.</summary>
static class ClashingPackets
{
    const ushort SourcePort = 4000;

    /// <summary>A datagram without data.</summary>
    public static byte[] Datagram(ushort sourcePort = SourcePort)
    {
        var packet = Packet(ProtocolType.Udp, 8, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(24), 8);
        return packet;
    }

    /// <summary>A SYN.</summary>
    public static byte[] Syn(ushort sourcePort = SourcePort)
    {
        const byte wordsOfHeader = 5,
            syn = 2;
        var packet = Packet(ProtocolType.Tcp, 20, sourcePort);
        packet[32] = wordsOfHeader << 4;
        packet[33] = syn;
        return packet;
    }

    /// <summary>Sends a packet several times, from the namespace of the calling thread.</summary>
    public static void Send(byte[] packet, int times)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Raw);
        for (var i = 0; i < times; i++)
            socket.SendTo(packet, new IPEndPoint(IPAddress.Loopback, 0));
    }

    /// <summary>The kernel fills in the length and checksum of the IPv4 header.</summary>
    static byte[] Packet(ProtocolType protocol, int length, ushort sourcePort)
    {
        var packet = new byte[20 + length];
        packet[0] = 0x45;
        packet[8] = 64;
        packet[9] = (byte)protocol;
        IPAddress.Loopback.TryWriteBytes(packet.AsSpan(12), out _);
        IPAddress.Loopback.TryWriteBytes(packet.AsSpan(16), out _);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(20), sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(22), 9);
        return packet;
    }
}
