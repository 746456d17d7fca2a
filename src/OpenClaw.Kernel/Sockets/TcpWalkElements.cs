using System.Buffers.Binary;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Ports;
using static OpenClaw.Kernel.Sockets.TcpWalkLayout;

namespace OpenClaw.Kernel.Sockets;

/// <summary>Adds the elements of <see cref="TcpWalkMaps"/> to a fold.</summary>
static class TcpWalkElements
{
    /// <summary>Adds an element of <see cref="TcpWalkMaps.Sockets"/>.</summary>
    public static void AddSocket(SocketFold fold, ReadOnlySpan<byte> socket) =>
        fold.AddAtServicePort(
            new(
                MemoryMarshal.Read<ushort>(socket[SourcePortAt..]),
                (TcpState)MemoryMarshal.Read<ushort>(socket[StateAt..]),
                SocketAddress.FromIPv6(socket[SourceAt..]),
                DestinationOf(socket),
                MemoryMarshal.Read<ulong>(socket[InodeAt..])
            )
        );

    static Destination DestinationOf(ReadOnlySpan<byte> socket) =>
        new(
            SocketAddress.FromIPv6(socket[DestinationAt..]),
            BinaryPrimitives.ReadUInt16BigEndian(socket[DestinationPortAt..])
        );

    /// <summary>Adds an element of <see cref="TcpWalkMaps.Cgroups"/>.</summary>
    public static void AddCgroup(SocketFold fold, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        fold.AddCgroup(MemoryMarshal.Read<ulong>(key), MemoryMarshal.Cast<byte, ulong>(value));

    /// <summary>Adds an element of <see cref="TcpWalkMaps.Addresses"/>.</summary>
    public static void AddAddress(SocketFold fold, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        fold.AddPorts(SocketAddress.FromIPv6(key), MemoryMarshal.Read<uint>(key[IPv6OnlyAt..]) != 0, value);

    /// <summary>Adds an element of <see cref="TcpWalkMaps.Pairs"/>.</summary>
    public static void AddPair(SocketFold fold, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        fold.AddPair(
            SocketAddress.FromIPv6(key[SourceAt..]),
            DestinationOf(key),
            MemoryMarshal.Read<uint>(key[InterfaceAt..]),
            value
        );

    /// <summary>Adds an element of <see cref="TcpWalkMaps.Retransmits"/>.</summary>
    public static void AddRetransmits(SocketFold fold, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var destination = DestinationOf(key);
        fold.Add(
            new SocketRetransmits(
                new(
                    SocketAddress.FromIPv6(key[SourceAt..]),
                    destination.Address,
                    destination.Port,
                    MemoryMarshal.Read<uint>(key[InterfaceAt..])
                ),
                MemoryMarshal.Read<ulong>(key[AddressAt..]),
                MemoryMarshal.Read<long>(value)
            )
        );
    }
}
