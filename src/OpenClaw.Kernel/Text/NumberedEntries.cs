using System.Buffers.Text;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Text;

/// <summary>The entries of a folder in procfs whose names are numbers, each with its inode.</summary>
static class NumberedEntries
{
    /// <summary>Returns the entries of a folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="call">The call that opens it.</param>
    /// <param name="skip">The number of entries before the first one; 0 for a folder of other files.</param>
    /// <param name="atMost">The highest number of entries.</param>
    /// <param name="list">The list to fill; null for a new one.</param>
    public static Reading<List<(int Number, ulong Inode)>> Read(
        string path,
        KernelCall call,
        int skip,
        int atMost,
        List<(int Number, ulong Inode)>? list = null
    )
    {
        // The list is complete before any entry is read, so that a single free descriptor is enough.
        using var directory = Fcntl.open(path, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY | Fcntl.O_CLOEXEC);
        if (directory.IsInvalid)
            return Missing.FromErrno(Marshal.GetLastPInvokeError(), path, call);

        // The offset in /proc/PID/task is the place in the list of threads (proc_task_readdir), after "." and "..".
        if (skip > 0 && Unistd.lseek(directory, 2 + skip, Unistd.SEEK_SET) < 0)
            return Missing.FromErrno(Marshal.GetLastPInvokeError(), path, call);
        var numbers = list ?? [];
        numbers.Clear();
        Span<byte> entries = stackalloc byte[ProcMount.StartLength];
        while (true)
        {
            var length = (int)Dirent.getdents64(directory, entries, entries.Length);
            if (length < 0)
                return Missing.FromErrno(Marshal.GetLastPInvokeError(), path, call);
            if (length == 0)
                return numbers;
            for (var rest = entries[..length]; !rest.IsEmpty; )
            {
                var entryLength = MemoryMarshal.Read<ushort>(rest[Dirent.d_reclen..]);
                var inode = MemoryMarshal.Read<ulong>(rest[Dirent.d_ino..]);
                var name = rest[Dirent.d_name..entryLength];
                rest = rest[entryLength..];
                name = name[..name.IndexOf((byte)0)];
                if (!Utf8Parser.TryParse(name, out int number, out var digits) || digits != name.Length)
                    continue;
                numbers.Add((number, inode));
                if (numbers.Count == atMost)
                    return numbers;
            }
        }
    }
}
