using System.Buffers.Binary;
using System.Net;
using System.Text;
using OpenClaw.Kernel.Interop;

namespace OpenClaw.Kernel.Refusals;

/// <summary>A system call that the kernel refused for lack of a resource.</summary>
public sealed record RefusedCall
{
    internal const int Length = 88;

    internal const int TimeAt = 0;
    internal const int CgroupAt = 8;
    internal const int PidAt = 16;
    internal const int NamespaceAt = 20;
    internal const int NumberAt = 24;
    internal const int ErrorAt = 28;
    internal const int CommAt = 32;
    internal const int CommLength = 16;
    internal const int AddressAt = 48;
    internal const int ShortAddressLength = 16;
    internal const int AddressLength = 28;

    /// <summary>The time since the machine started, without sleep (CLOCK_MONOTONIC).</summary>
    public required TimeSpan Uptime { get; init; }

    /// <summary>The process, by its id in the machine's own pid namespace.</summary>
    public required int Pid { get; init; }

    /// <summary>The name of the process's first thread; the kernel cuts it to 15 bytes.</summary>
    public required string Process { get; init; }

    /// <summary>The inode of the network namespace of the thread; 0 where it has ended.</summary>
    public required uint NetworkNamespace { get; init; }

    /// <summary>The id of the cgroup v2.</summary>
    public required ulong CgroupId { get; init; }

    /// <summary>The name of the system call.</summary>
    public required string Call { get; init; }

    /// <summary>The errno value.</summary>
    public required int Error { get; init; }

    /// <summary>The name of the error in errno.h.</summary>
    public string ErrorName => Errno.NameOf(Error);

    /// <summary>The address that bind() or connect() was called with; empty for other calls and families.</summary>
    public required string Target { get; init; }

    /// <summary>Reads a record of the program in the kernel; null for one that is too short.</summary>
    internal static RefusedCall? Read(ReadOnlySpan<byte> record)
    {
        if (record.Length < Length)
            return null;
        var comm = record.Slice(CommAt, CommLength);
        return new()
        {
            Uptime = TimeSpan.FromTicks(BinaryPrimitives.ReadInt64LittleEndian(record) / TimeSpan.NanosecondsPerTick),
            CgroupId = BinaryPrimitives.ReadUInt64LittleEndian(record[CgroupAt..]),
            Pid = BinaryPrimitives.ReadInt32LittleEndian(record[PidAt..]),
            NetworkNamespace = BinaryPrimitives.ReadUInt32LittleEndian(record[NamespaceAt..]),
            Call = SystemCalls.NameOf(BinaryPrimitives.ReadInt32LittleEndian(record[NumberAt..])),
            Error = BinaryPrimitives.ReadInt32LittleEndian(record[ErrorAt..]),
            Process = Encoding.UTF8.GetString(comm[..(comm.IndexOf((byte)0) is >= 0 and var end ? end : CommLength)]),
            Target = TargetOf(record.Slice(AddressAt, AddressLength)),
        };
    }

    /// <summary>Reads struct sockaddr_in or sockaddr_in6.</summary>
    static string TargetOf(ReadOnlySpan<byte> address)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
        return BinaryPrimitives.ReadUInt16LittleEndian(address) switch
        {
            SysSocket.AF_INET => new IPEndPoint(new IPAddress(address.Slice(4, 4)), port).ToString(),
            SysSocket.AF_INET6 => new IPEndPoint(new IPAddress(address.Slice(8, 16)), port).ToString(),
            _ => "",
        };
    }
}
