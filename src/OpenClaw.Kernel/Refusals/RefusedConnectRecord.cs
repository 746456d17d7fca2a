using System.Buffers.Binary;
using System.Text;
using OpenClaw.Kernel.InetDiag;

namespace OpenClaw.Kernel.Refusals;

/// <summary>An element of the map of refused connections, as the program in the kernel writes it.</summary>
readonly ref struct RefusedConnectRecord
{
    /// <summary>The length of a key, a multiple of 8 without gaps. The kernel compares all of its bytes.</summary>
    public const int KeyLength = 40;

    public const int CgroupAt = 0;
    public const int NamespaceAt = 8;
    public const int PidAt = 12;
    public const int AddressAt = 16;
    public const int PortAt = 32;

    /// <summary>The length of a value.</summary>
    public const int ValueLength = 40;

    public const int CountAt = 0;
    public const int FirstAt = 8;
    public const int LastAt = 16;
    public const int CommAt = 24;
    public const int CommLength = 16;

    readonly ReadOnlySpan<byte> _key;
    readonly ReadOnlySpan<byte> _value;

    /// <summary>Reads an element. Both spans have at least the lengths above.</summary>
    public RefusedConnectRecord(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        _key = key[..KeyLength];
        _value = value[..ValueLength];
    }

    /// <summary>The key as a text, which only identifies it.</summary>
    public string Name => Encoding.Latin1.GetString(_key);

    public ulong CgroupId => BinaryPrimitives.ReadUInt64LittleEndian(_key[CgroupAt..]);

    /// <summary>The inode of the network namespace.</summary>
    public uint NetworkNamespace => BinaryPrimitives.ReadUInt32LittleEndian(_key[NamespaceAt..]);

    public int Pid => BinaryPrimitives.ReadInt32LittleEndian(_key[PidAt..]);

    public SocketAddress Address => SocketAddress.FromIPv6(_key[AddressAt..]);

    public ushort Port => BinaryPrimitives.ReadUInt16BigEndian(_key[PortAt..]);

    public long Count => BinaryPrimitives.ReadInt64LittleEndian(_value[CountAt..]);

    /// <summary>The time of the first refusal on CLOCK_MONOTONIC, in nanoseconds. It tells elements apart that had the
    /// same key at different times.</summary>
    public long First => BinaryPrimitives.ReadInt64LittleEndian(_value[FirstAt..]);

    /// <summary>The time of the last refusal, as that of the first.</summary>
    public long Last => BinaryPrimitives.ReadInt64LittleEndian(_value[LastAt..]);

    /// <summary>The name of the process's first thread; the kernel cuts it to 15 bytes.</summary>
    public string Comm
    {
        get
        {
            var comm = _value.Slice(CommAt, CommLength);
            return Encoding.UTF8.GetString(comm[..(comm.IndexOf((byte)0) is >= 0 and var end ? end : CommLength)]);
        }
    }
}
