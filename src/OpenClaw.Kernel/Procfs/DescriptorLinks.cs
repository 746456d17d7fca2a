using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;

namespace OpenClaw.Kernel.Procfs;

/// <summary>/proc/PID/fd: one link for each descriptor, whose target says what it is.</summary>
static class DescriptorLinks
{
    /// <summary>The kind of a target is in its first bytes; the rest of a long path is of no interest.</summary>
    const int TargetLength = 32;

    /// <summary>Reads every link; no name is kept, so that a process with many descriptors costs time and no memory.</summary>
    public static Reading<DescriptorKinds> Count(ProcMount proc, int pid)
    {
        var path = proc.PathOf($"{pid}/fd");
        using var directory = Fcntl.open(path, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY | Fcntl.O_CLOEXEC);
        if (directory.IsInvalid)
            return Missing.FromErrno(Marshal.GetLastPInvokeError(), path);

        Span<byte> entries = stackalloc byte[4096];
        Span<byte> target = stackalloc byte[TargetLength];
        Span<long> counts = stackalloc long[5];
        while (true)
        {
            var length = (int)Dirent.getdents64(directory, entries, entries.Length);
            if (length < 0)
                return Missing.FromErrno(Marshal.GetLastPInvokeError(), path);
            if (length == 0)
                return new DescriptorKinds(counts[0], counts[1], counts[2], counts[3], counts[4]);
            for (var rest = entries[..length]; !rest.IsEmpty;)
            {
                var entryLength = MemoryMarshal.Read<ushort>(rest[Dirent.d_reclen..]);
                var name = rest[Dirent.d_name..entryLength];
                rest = rest[entryLength..];
                if (name[0] == '.')
                    continue;
                var targetLength = (int)Unistd.readlinkat(directory, name, target, target.Length);
                if (targetLength >= 0)
                    counts[KindOf(target[..targetLength])]++;

                // Closed in the meantime is closed; anything else would make the counts a lie.
                else if (Marshal.GetLastPInvokeError() is var error and not Errno.ENOENT)
                    return Missing.FromErrno(error, path);
            }
        }
    }

    static int KindOf(ReadOnlySpan<byte> target) =>
        target.StartsWith("socket:["u8) ? 0
        : target.StartsWith("/"u8) ? 1
        : target.StartsWith("pipe:["u8) ? 2
        : target.SequenceEqual("anon_inode:[eventpoll]"u8) ? 3
        : 4;
}
