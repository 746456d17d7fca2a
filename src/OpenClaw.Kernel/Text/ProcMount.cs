using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Text;

/// <summary>A mounted procfs. Only this type knows the mount point: every path is relative to it.</summary>
public sealed class ProcMount(string root = ProcMount.Default)
{
    /// <summary>The usual mount point.</summary>
    public const string Default = "/proc";

    /// <summary>The number of bytes that <see cref="ReadStart"/> reads at most.</summary>
    public const int StartLength = Bounds.CommandLineBytes;

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
        NetworkFolders.Judge(this, relative, Missing.FromErrno(error, PathOf(relative), CallOf(relative)));

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

    /// <summary>
    /// True where the calling thread is in the machine's own network namespace. No other has tcp_mem.
    /// </summary>
    internal bool IsHostNetwork => Exists("sys/net/ipv4/tcp_mem");

    /// <summary>Returns true where a file or directory exists below the mount.</summary>
    public bool Exists(string relative) =>
        Stat.statx(Stat.AT_FDCWD, $"{Root}/{relative}", 0, Stat.STATX_INO, out _) == 0;

    /// <summary>Returns the full path of a file below the mount.</summary>
    public string PathOf(string relative) =>
        relative.StartsWith(OwnNet, StringComparison.Ordinal)
            ? $"{Root}/{_net}{relative.AsSpan(OwnNet.Length)}"
            : $"{Root}/{relative}";

    /// <summary>
    /// Reads a file to its end and parses it. The reported size is ignored, and one page is not always enough:
    /// /proc/net/netstat has 4,107 bytes. Errors name the file. The start is the first <see cref="StartLength"/> bytes.
    /// </summary>
    public Reading<T> Read<T>(string relative, KernelTextParser<T> parse, bool isStartEnough = false)
    {
        var path = PathOf(relative);
        using var file = Fcntl.open(path, Fcntl.O_RDONLY | Fcntl.O_CLOEXEC);
        if (file.IsInvalid)
            return Refusal(relative, Marshal.GetLastPInvokeError());

        var buffer = ArrayPool<byte>.Shared.Rent(StartLength);
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
                    if (isStartEnough)
                        break;
                    if (Bounds.OfKernelFile(path) is var limit && length >= limit)
                        return Bounds.TooLong(path, limit);

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
    /// Reads a file that every Linux with a network has. If it is missing, it is unseen: another file system is mounted
    /// here, or an emulation of Linux does not have it.
    /// </summary>
    public Reading<T> ReadEverywhere<T>(string relative, KernelTextParser<T> parse)
    {
        var reading = Read(relative, parse);
        return reading.Missing is { Reason: Absence.NotPresent } missing ? NotAsEverywhere(missing) : reading;
    }

    /// <summary>Converts a missing file that every Linux has to an unseen one.</summary>
    public static Missing NotAsEverywhere(Missing missing) =>
        new(Absence.Failed, $"{missing.Detail}; every Linux kernel has it");

    /// <summary>
    /// The processes that the mount shows: the id of each and the inode of its directory. The inode is another one when
    /// the kernel has given the id out again.
    /// </summary>
    /// <param name="list">The list to fill; null for a new one.</param>
    public Reading<List<(int Pid, ulong Inode)>> Processes(List<(int Pid, ulong Inode)>? list = null) =>
        NumberedEntries.Read(Root, KernelCall.File, 0, int.MaxValue, list);

    /// <summary>Returns the ids of some threads of a process.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="skip">The number of threads before the first one, in the order of the kernel's list.</param>
    /// <param name="atMost">The highest number of threads.</param>
    public Reading<List<int>> Threads(int pid, int skip, int atMost) =>
        NumberedEntries
            .Read(PathOf($"{pid}/task"), KernelCall.ProcessFile, skip, atMost)
            .Select(static threads => threads.ConvertAll(static thread => thread.Number));

    /// <summary>
    /// Returns the number of threads of a process. The kernel counts them as links of the folder (proc_task_getattr in
    /// fs/proc/base.c), besides the two of every folder.
    /// </summary>
    public Reading<long> CountThreads(int pid)
    {
        var path = PathOf($"{pid}/task");
        return Stat.statx(Stat.AT_FDCWD, path, 0, Stat.STATX_NLINK, out var status) == 0
            ? (long)status.stx_nlink - 2
            : Missing.FromErrno(Marshal.GetLastPInvokeError(), path, KernelCall.ProcessFile);
    }

    /// <summary>Returns the number of entries of a directory below the mount.</summary>
    public Reading<long> CountEntries(string relative)
    {
        var path = PathOf(relative);
        using var directory = Fcntl.open(path, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY | Fcntl.O_CLOEXEC);
        if (directory.IsInvalid)
            return Refusal(relative, Marshal.GetLastPInvokeError());
        Span<byte> entries = stackalloc byte[StartLength];
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

    /// <summary>Returns the target of a symbolic link such as <c>self</c>.</summary>
    public Reading<string> ReadLink(string relative)
    {
        Span<byte> target = stackalloc byte[Bounds.LinkBytes];
        var length = Unistd.readlink(PathOf(relative), target, Bounds.LinkBytes);
        return length < 0 ? Refusal(relative, Marshal.GetLastPInvokeError()) : KernelText.Decode(target[..(int)length]);
    }

    /// <summary>Returns the size of a file or directory as statx reports it.</summary>
    public Reading<long> SizeOf(string relative)
    {
        var path = PathOf(relative);
        return Stat.statx(Stat.AT_FDCWD, path, 0, Stat.STATX_SIZE, out var status) == 0
            ? (long)status.stx_size
            : Refusal(relative, Marshal.GetLastPInvokeError());
    }

    /// <summary>Reads the first bytes of a file that any user can make very long, such as a command line.</summary>
    public Reading<string> ReadStart(string relative) =>
        Read<string>(relative, static text => KernelText.Decode(text), isStartEnough: true);

    /// <summary>Reads a kernel file as text whose bytes any user chooses, such as a process name.</summary>
    public Reading<string> ReadText(string relative) => Read<string>(relative, static text => KernelText.Decode(text));
}
