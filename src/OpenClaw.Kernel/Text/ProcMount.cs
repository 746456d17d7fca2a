using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Text;

/// <summary>
/// Converts the text of one kernel file to a value. It is <see cref="Absence.Malformed"/> when the text has another
/// form.
/// </summary>
public delegate Reading<T> KernelTextParser<T>(ReadOnlySpan<byte> text);

/// <summary>A mounted procfs. Only this type knows the mount point: every path is relative to it.</summary>
public sealed class ProcMount(string root = "/proc")
{
    const int FirstBuffer = 4096;

    /// <summary>
    /// The network files of the calling thread's namespace. "self" would be the namespace of the process's main thread.
    /// </summary>
    const string OwnNet = "thread-self/net/";

    string _net = OwnNet;

    /// <summary>The mount point of procfs.</summary>
    public string Root { get; } = root.Length > 1 ? root.TrimEnd('/') : root;

    /// <summary>
    /// Returns the same procfs, with the network files of another process's namespace. The sysctls stay those of the
    /// calling thread.
    /// </summary>
    public ProcMount AsSeenBy(int pid) =>
        new(Root) { _net = string.Create(CultureInfo.InvariantCulture, $"{pid}/net/") };

    /// <summary>Returns the missing value for an error of a file.</summary>
    internal Missing Refusal(string relative, int error) =>
        Missing.FromErrno(error, PathOf(relative), CallOf(relative));

    /// <summary>
    /// Returns the kind of a file that could not be opened. A file below a number belongs to a process, which may have
    /// ended. A network file of another process's namespace disappears with that process. While the process exists, the
    /// kernel has no such file.
    /// </summary>
    KernelCall CallOf(string relative)
    {
        var isOfProcess =
            char.IsAsciiDigit(relative[0])
            || (_net != OwnNet && relative.StartsWith(OwnNet, StringComparison.Ordinal) && !Exists(_net));
        return isOfProcess ? KernelCall.ProcessFile : KernelCall.File;
    }

    bool Exists(string relative) => Stat.statx(Stat.AT_FDCWD, $"{Root}/{relative}", 0, Stat.STATX_INO, out _) == 0;

    /// <summary>Returns the full path of a file below the mount.</summary>
    public string PathOf(string relative) =>
        relative.StartsWith(OwnNet, StringComparison.Ordinal)
            ? $"{Root}/{_net}{relative.AsSpan(OwnNet.Length)}"
            : $"{Root}/{relative}";

    /// <summary>
    /// Reads a file to its end and parses it. The reported size is ignored, and one page is not always enough:
    /// /proc/net/netstat has 4,107 bytes. Errors name the file.
    /// </summary>
    public Reading<T> Read<T>(string relative, KernelTextParser<T> parse)
    {
        var path = PathOf(relative);
        using var file = Fcntl.open(path, Fcntl.O_RDONLY | Fcntl.O_CLOEXEC);
        if (file.IsInvalid)
            return Refusal(relative, Marshal.GetLastPInvokeError());

        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            var length = 0;
            while (true)
            {
                var count = Unistd.pread(file, buffer.AsSpan(length), buffer.Length - length, length);
                if (count < 0)
                {
                    if (Marshal.GetLastPInvokeError() is var error and not Errno.EINTR)
                        return Refusal(relative, error);
                }
                else if (count == 0)
                {
                    break;
                }
                else if ((length += (int)count) == buffer.Length)
                {
                    // It restarts from offset 0. A sysctl returns its text only in one read, and every later read is
                    // empty. A long ip_local_reserved_ports would otherwise be cut silently.
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = ArrayPool<byte>.Shared.Rent(buffer.Length * 4);
                    length = 0;
                }
            }

            var parsed = parse(buffer.AsSpan(0, length));
            return parsed.Missing is { } missing ? missing with { Detail = $"{path}: {missing.Detail}" } : parsed;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>
    /// The processes that the mount shows: the id of each and the inode of its directory, which is another one when
    /// the kernel has given the id out again.
    /// </summary>
    public Reading<List<(int Pid, ulong Inode)>> Processes() => Numbered(Root, KernelCall.File);

    /// <summary>The threads of a process, the first one included.</summary>
    public Reading<List<(int Pid, ulong Inode)>> Threads(int pid) =>
        Numbered(PathOf($"{pid}/task"), KernelCall.ProcessFile);

    /// <summary>
    /// Returns the number of threads of a process. The kernel adds them to the two links of a directory
    /// (proc_task_getattr).
    /// </summary>
    public Reading<long> CountThreads(int pid)
    {
        var path = PathOf($"{pid}/task");
        return Stat.statx(Stat.AT_FDCWD, path, 0, Stat.STATX_NLINK, out var status) == 0
            ? status.stx_nlink - 2L
            : Missing.FromErrno(Marshal.GetLastPInvokeError(), path, KernelCall.ProcessFile);
    }

    static Reading<List<(int Pid, ulong Inode)>> Numbered(string path, KernelCall call)
    {
        // The list is complete before any process is read, so that one free descriptor is enough.
        using var directory = Fcntl.open(path, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY | Fcntl.O_CLOEXEC);
        if (directory.IsInvalid)
            return Missing.FromErrno(Marshal.GetLastPInvokeError(), path, call);
        var processes = new List<(int Pid, ulong Inode)>();
        Span<byte> entries = stackalloc byte[FirstBuffer];
        while (true)
        {
            var length = (int)Dirent.getdents64(directory, entries, entries.Length);
            if (length < 0)
                return Missing.FromErrno(Marshal.GetLastPInvokeError(), path, call);
            if (length == 0)
                return processes;
            for (var rest = entries[..length]; !rest.IsEmpty; )
            {
                var entryLength = MemoryMarshal.Read<ushort>(rest[Dirent.d_reclen..]);
                var inode = MemoryMarshal.Read<ulong>(rest[Dirent.d_ino..]);
                var name = rest[Dirent.d_name..entryLength];
                rest = rest[entryLength..];
                name = name[..name.IndexOf((byte)0)];
                if (Utf8Parser.TryParse(name, out int pid, out var digits) && digits == name.Length)
                    processes.Add((pid, inode));
            }
        }
    }

    /// <summary>Returns the number of entries of a directory below the mount.</summary>
    public Reading<long> CountEntries(string relative)
    {
        var path = PathOf(relative);
        using var directory = Fcntl.open(path, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY | Fcntl.O_CLOEXEC);
        if (directory.IsInvalid)
            return Refusal(relative, Marshal.GetLastPInvokeError());
        Span<byte> entries = stackalloc byte[FirstBuffer];
        var count = 0L;
        while (true)
        {
            var length = (int)Dirent.getdents64(directory, entries, entries.Length);
            if (length < 0)
                return Refusal(relative, Marshal.GetLastPInvokeError());
            if (length == 0)
                return count;
            for (
                var rest = entries[..length];
                !rest.IsEmpty;
                rest = rest[MemoryMarshal.Read<ushort>(rest[Dirent.d_reclen..])..]
            )
            {
                if (rest[Dirent.d_name] != (byte)'.')
                    count++;
            }
        }
    }

    /// <summary>Reads a file that holds one integer.</summary>
    public Reading<long> ReadInteger(string relative) => Read(relative, KernelText.ParseInteger);

    /// <summary>Returns the target of a symbolic link such as <c>self</c>; null when there is none.</summary>
    public string? ReadLink(string relative) => new FileInfo(PathOf(relative)).LinkTarget;

    /// <summary>Returns the size of a file or directory as statx reports it.</summary>
    public Reading<long> SizeOf(string relative)
    {
        var path = PathOf(relative);
        return Stat.statx(Stat.AT_FDCWD, path, 0, Stat.STATX_SIZE, out var status) == 0
            ? (long)status.stx_size
            : Refusal(relative, Marshal.GetLastPInvokeError());
    }

    /// <summary>Reads a kernel file as text whose bytes any user chooses, such as a process name.</summary>
    public Reading<string> ReadText(string relative) => Read<string>(relative, static text => KernelText.Decode(text));
}
