using System.Runtime.InteropServices;

namespace OpenClaw.Kernel.Holders;

/// <summary>A descriptor of a socket, as <see cref="TaskFileProgram"/> writes it.</summary>
/// <param name="Pid">The process, by its id in the machine's own pid namespace.</param>
/// <param name="Inode">The inode of the socket.</param>
readonly record struct SocketDescriptor(int Pid, ulong Inode)
{
    public const int Length = 16;
    public const int InodeAt = 8;

    /// <summary>Reads a record. Returns false for one that is too short, or without a process or a socket.</summary>
    public static bool TryRead(ReadOnlySpan<byte> record, out SocketDescriptor descriptor)
    {
        descriptor =
            record.Length < Length
                ? default
                : new(MemoryMarshal.Read<int>(record), MemoryMarshal.Read<ulong>(record[InodeAt..]));
        return descriptor is { Pid: > 0, Inode: > 0 };
    }
}
