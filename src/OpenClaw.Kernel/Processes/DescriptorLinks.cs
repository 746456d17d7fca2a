using System.Buffers.Text;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>
/// The links in /proc/PID/fd or /proc/PID/task/TID/fd. Each descriptor has one, whose target shows the kind.
/// </summary>
static class DescriptorLinks
{
    /// <summary>The number of bytes of a target that are read. A longer path is cut.</summary>
    const int TargetLength = 1024;

    /// <summary>The number of bytes of entries that are requested at once: some hundred entries.</summary>
    const int Block = 4096;

    /// <summary>
    /// The lowest number of entries in a block. Each has a header of 19 bytes, a name and padding to 8.
    /// </summary>
    const int EntriesOfBlock = Block / 32;

    static ReadOnlySpan<byte> Socket => "socket:["u8;

    /// <summary>The number of entries before descriptor 0: "." and "..".</summary>
    const int Dots = 2;

    /// <summary>
    /// Reads every link, or a sample in blocks at even distances between descriptor 0 and <paramref name="open"/>. It
    /// keeps no name, so that a process with many descriptors costs time but no memory.
    /// </summary>
    /// <param name="proc">The procfs.</param>
    /// <param name="folder">The folder with the links.</param>
    /// <param name="open">The number of links.</param>
    /// <param name="atMost">The limit on links that are read.</param>
    /// <param name="take">Takes the target of each link; null where only the kinds are needed.</param>
    public static Reading<DescriptorKinds> Count(
        ProcMount proc,
        string folder,
        long open,
        long atMost,
        TargetTaker? take = null
    )
    {
        var path = proc.PathOf(folder);
        using var directory = Fcntl.open(path, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY | Fcntl.O_CLOEXEC);
        if (directory.IsInvalid)
            return Missing.FromErrno(Marshal.GetLastPInvokeError(), path, KernelCall.ProcessFile);

        Span<byte> entries = stackalloc byte[Block];
        Span<byte> target = stackalloc byte[TargetLength];
        Span<long> counts = stackalloc long[5];
        var blocks = open <= atMost ? 0 : Math.Max(1, atMost / EntriesOfBlock);
        for (var block = 0L; ; block++)
        {
            // The offset in this directory is the descriptor's number (proc_readfd_common), so lseek() skips entries
            // without a listing.
            if (
                blocks > 0
                && (block == blocks || Unistd.lseek(directory, Dots + (open * block / blocks), Unistd.SEEK_SET) < 0)
            )
            {
                return Estimate(counts, open);
            }

            var length = (int)Dirent.getdents64(directory, entries, entries.Length);
            if (length < 0)
                return Missing.FromErrno(Marshal.GetLastPInvokeError(), path, KernelCall.ProcessFile);
            if (length == 0 && blocks == 0)
                return new DescriptorKinds(counts[0], counts[1], counts[2], counts[3], counts[4]);
            for (var rest = entries[..length]; !rest.IsEmpty; )
            {
                var entryLength = MemoryMarshal.Read<ushort>(rest[Dirent.d_reclen..]);
                var name = rest[Dirent.d_name..entryLength];
                rest = rest[entryLength..];
                if (name[0] == '.')
                    continue;
                var targetLength = (int)Unistd.readlinkat(directory, name, target, target.Length);
                if (targetLength >= 0)
                {
                    counts[KindOf(target[..targetLength])]++;
                    take?.Invoke(target[..targetLength]);
                }
                // ENOENT is a descriptor that was closed meanwhile. Any other error would falsify the counts.
                else if (Marshal.GetLastPInvokeError() is var error and not Errno.ENOENT)
                {
                    return Missing.FromErrno(error, path, KernelCall.ProcessFile);
                }
            }
        }
    }

    /// <summary>
    /// Returns the sockets of a process that are among some; none where its descriptors may not be read.
    /// </summary>
    /// <param name="proc">The procfs.</param>
    /// <param name="folder">The folder with the links.</param>
    /// <param name="among">The inodes of the sockets to find.</param>
    public static ImmutableArray<ulong> FindSockets(ProcMount proc, string folder, IReadOnlySet<ulong> among)
    {
        var sockets = new HashSet<ulong>();
        _ = Count(proc, folder, open: 0, long.MaxValue, EachSocket(inode => sockets.Add(inode)));
        return [.. sockets.Where(among.Contains)];
    }

    /// <summary>Returns a taker that passes on the inodes of sockets.</summary>
    public static TargetTaker EachSocket(Action<ulong> take) =>
        target =>
        {
            if (TryReadSocket(target, out var inode))
                take(inode);
        };

    static Reading<DescriptorKinds> Estimate(ReadOnlySpan<long> counts, long open)
    {
        var read = 0L;
        foreach (var count in counts)
            read += count;
        if (read == 0)
            return new Missing(Absence.Interrupted, "/proc/PID/fd: expected descriptors, found none");
        long Scaled(long count) => (long)Math.Round((double)count * open / read);
        return new DescriptorKinds(
            Scaled(counts[0]),
            Scaled(counts[1]),
            Scaled(counts[2]),
            Scaled(counts[3]),
            Scaled(counts[4])
        )
        {
            Scale = (double)open / read,
        };
    }

    /// <summary>Reads the inode of a socket from a link's target. Returns false for anything else.</summary>
    public static bool TryReadSocket(ReadOnlySpan<byte> target, out ulong inode)
    {
        inode = 0;
        return target.StartsWith(Socket)
            && Utf8Parser.TryParse(target[Socket.Length..], out inode, out var digits)
            && digits > 0;
    }

    static int KindOf(ReadOnlySpan<byte> target)
    {
        if (target.StartsWith(Socket))
            return 0;
        if (target.StartsWith("/"u8))
            return 1;
        if (target.StartsWith("pipe:["u8))
            return 2;
        return target.SequenceEqual("anon_inode:[eventpoll]"u8) ? 3 : 4;
    }

    /// <summary>Takes the target of a link, such as "socket:[123]" or a path.</summary>
    public delegate void TargetTaker(ReadOnlySpan<byte> target);
}
