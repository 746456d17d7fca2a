using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace OpenClaw.Kernel.InetDiag;

/// <summary>
/// An IPv4 or IPv6 address in 16 bytes. An IPv4 address and its IPv4-mapped IPv6 form are the same value. The kernel
/// treats both as one: a port that either holds is taken for the other.
/// </summary>
[SuppressMessage(
    "Design",
    "CA1036:Override methods on comparable types",
    Justification = "ordered only to be listed in a fixed order"
)]
public readonly record struct SocketAddress : IComparable<SocketAddress>
{
    static readonly UInt128 MappedPrefix = (UInt128)0xffff << 32;

    readonly UInt128 _bits;

    SocketAddress(UInt128 bits) => _bits = bits;

    /// <summary>0.0.0.0</summary>
    public static SocketAddress AnyIPv4 { get; } = new(MappedPrefix);

    /// <summary>::</summary>
    public static SocketAddress AnyIPv6 { get; }

    /// <summary>True for an IPv4 address, plain or mapped.</summary>
    public bool IsIPv4 => _bits >> 32 == 0xffff;

    /// <summary>True for 127.0.0.0/8 and ::1.</summary>
    public bool IsLoopback => IsIPv4 ? (byte)(_bits >> 24) == 127 : _bits == 1;

    /// <summary>Reads the first 4 bytes, in network order.</summary>
    public static SocketAddress FromIPv4(ReadOnlySpan<byte> bytes) =>
        new(MappedPrefix | BinaryPrimitives.ReadUInt32BigEndian(bytes));

    /// <summary>Reads the first 16 bytes, in network order.</summary>
    public static SocketAddress FromIPv6(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes));

    /// <summary>Converts to the .NET type; a mapped address becomes plain IPv4.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, _bits);
        return new(IsIPv4 ? bytes[12..] : bytes);
    }

    /// <inheritdoc/>
    public override string ToString() => ToIPAddress().ToString();

    /// <summary>Compares in numerical order.</summary>
    public int CompareTo(SocketAddress other) => _bits.CompareTo(other._bits);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var mixed = ((ulong)_bits ^ ((ulong)(_bits >> 64) * 0x9e3779b97f4a7c15)) * 0xff51afd7ed558ccd;
        return (int)(mixed >> 32);
    }
}
