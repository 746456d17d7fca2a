using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OpenClaw.Kernel.Interop;

namespace OpenClaw.Kernel.Writes;

/// <summary>
/// The system calls that change the machine. Each method returns null, or the reason why it failed. Every call passes
/// <see cref="Refuse"/>, where a test can let it fail.
/// </summary>
public class SystemWrites
{
    const uint PermissionBits = 0xFFF;

    /// <summary>Returns the error with which a call fails instead of being made; 0 to make it.</summary>
    /// <param name="name">The name of the call.</param>
    /// <param name="target">Its file, process or interface.</param>
    protected virtual int Refuse(string name, string target) => 0;

    /// <summary>Writes a value to a file of the kernel in a single write, which is how the kernel parses it.</summary>
    /// <param name="path">The file, such as one below /proc/sys.</param>
    /// <param name="value">The value. The empty one is written as a line feed, because an empty write changes
    /// nothing.</param>
    public WriteFailure? WriteValue(string path, string value)
    {
        using var file = Open(path, Fcntl.O_WRONLY | Fcntl.O_CLOEXEC, 0, out var failure);
        return failure ?? WriteAll(file!, path, System.Text.Encoding.UTF8.GetBytes(value.Length == 0 ? "\n" : value));
    }

    /// <summary>
    /// Replaces a file as a whole: a temporary file in the same folder, fsync, rename. An existing file keeps its owner
    /// and mode. Nothing remains of a replacement that failed.
    /// </summary>
    /// <param name="path">The file; not a link.</param>
    /// <param name="bytes">The new content.</param>
    /// <param name="mode">The permission bits of a file that does not exist yet.</param>
    public WriteFailure? Replace(string path, ReadOnlySpan<byte> bytes, uint mode = 0b110_100_100)
    {
        const uint mask = Stat.STATX_MODE | Stat.STATX_UID | Stat.STATX_GID;
        var exists = Stat.statx(Stat.AT_FDCWD, path, Stat.AT_SYMLINK_NOFOLLOW, mask, out var status) == 0;
        var temporary = TemporaryOf(path);
        RemoveTemporary(path);
        const int created = Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_EXCL | Fcntl.O_CLOEXEC;
        using var file = Open(temporary, created, 0b110_000_000, out var failure);
        if (failure is not null)
            return failure;
        failure = WriteAll(file!, temporary, bytes)
            ?? Make("fchmod", temporary, () => Stat.fchmod(file!, exists ? status.stx_mode & PermissionBits : mode));
        if (exists)
            failure ??= Make("fchown", temporary, () => Unistd.fchown(file!, status.stx_uid, status.stx_gid));
        failure ??= Make("fsync", temporary, () => Unistd.fsync(file!));
        failure ??= Make("rename", path, () => Stdio.rename(temporary, path));
        if (failure is null)
            return Flush(Path.GetDirectoryName(path)!);
        _ = Unistd.unlink(temporary);
        return failure;
    }

    /// <summary>Removes the temporary file that a killed process left beside a file.</summary>
    public static void RemoveTemporary(string path) => _ = Unistd.unlink(TemporaryOf(path));

    static string TemporaryOf(string path) => path + ".openclaw-new";

    /// <summary>Removes a file.</summary>
    public WriteFailure? Remove(string path) =>
        Make("unlink", path, () => Unistd.unlink(path)) ?? Flush(Path.GetDirectoryName(path)!);

    /// <summary>Creates a folder, where it does not exist. Its parent must exist.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="mode">The permission bits.</param>
    public WriteFailure? CreateFolder(string path, uint mode) =>
        Directory.Exists(path) ? null : Make("mkdir", path, () => Stat.mkdir(path, mode));

    /// <summary>Removes a folder, where it is empty.</summary>
    public static void RemoveEmptyFolder(string path) => _ = Unistd.rmdir(path);

    /// <summary>Sets the limits on open files of a process.</summary>
    public WriteFailure? SetOpenFiles(int pid, OpenFileLimits limits)
    {
        var wanted = new SysResource.rlimit { rlim_cur = (ulong)limits.Soft, rlim_max = (ulong)limits.Hard };
        var failure = Make("prlimit", string.Create(CultureInfo.InvariantCulture, $"process {pid}"), () =>
            SysResource.prlimit(pid, SysResource.RLIMIT_NOFILE, wanted, 0)
        );
        return failure is { IsForbidden: true } ? failure with { Capability = "CAP_SYS_RESOURCE" } : failure;
    }

    /// <summary>
    /// Adds an interface to a bridge, or removes it, in the network namespace of the calling thread.
    /// </summary>
    /// <param name="bridge">The name of the bridge.</param>
    /// <param name="port">The interface.</param>
    /// <param name="index">The index of that interface.</param>
    /// <param name="isMember">True to add it.</param>
    public WriteFailure? SetBridgePort(string bridge, string port, int index, bool isMember)
    {
        if (Refuse("socket", port) is var refused and not 0)
            return WriteFailure.FromErrno("socket", port, refused);
        using var socket = SysSocket.open(SysSocket.AF_INET, SysSocket.SOCK_DGRAM | SysSocket.SOCK_CLOEXEC, 0);
        if (socket.IsInvalid)
            return WriteFailure.FromErrno("socket", port, Marshal.GetLastPInvokeError());
        Span<byte> name = stackalloc byte[NetIf.IF_NAMESIZE];
        if (!System.Text.Encoding.UTF8.TryGetBytes(bridge, name[..^1], out _))
            return new($"{bridge}: a name of at most {NetIf.IF_NAMESIZE - 1} bytes was expected");
        var request = new SysIoctl.ifreq
        {
            ifr_name = MemoryMarshal.Read<ulong>(name),
            ifr_name_end = MemoryMarshal.Read<ulong>(name[sizeof(ulong)..]),
            ifr_ifindex = index,
        };
        return Make("ioctl", port, () =>
            SysIoctl.ioctl(socket, isMember ? SysIoctl.SIOCBRADDIF : SysIoctl.SIOCBRDELIF, request)
        );
    }

    /// <summary>
    /// Returns true where a folder belongs to the user of this process, and no other user may write into it.
    /// </summary>
    public static bool IsPrivate(string folder)
    {
        const uint mask = Stat.STATX_TYPE | Stat.STATX_MODE | Stat.STATX_UID;
        const uint writableByOthers = 0b000_010_010;
        return Stat.statx(Stat.AT_FDCWD, folder, Stat.AT_SYMLINK_NOFOLLOW, mask, out var status) == 0
            && (status.stx_mode & Stat.S_IFMT) == Stat.S_IFDIR
            && (status.stx_mode & writableByOthers) == 0
            && status.stx_uid == Unistd.geteuid();
    }

    /// <summary>Takes the lock of a file or folder, without waiting.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="held">The lock, until it is disposed of or the process ends; null where another process has
    /// it.</param>
    public WriteFailure? Lock(string path, out IDisposable? held)
    {
        held = null;
        var file = Open(path, Fcntl.O_RDONLY | Fcntl.O_CLOEXEC, 0, out var failure);
        if (failure is not null)
            return failure;
        if (SysFile.flock(file!, SysFile.LOCK_EX | SysFile.LOCK_NB) == 0)
            held = file;
        else
            file!.Dispose();
        return null;
    }

    /// <summary>Writes a folder's entries to the disk.</summary>
    WriteFailure? Flush(string folder)
    {
        using var file = Open(folder, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY | Fcntl.O_CLOEXEC, 0, out var failure);
        return failure ?? Make("fsync", folder, () => Unistd.fsync(file!));
    }

    SafeFileHandle? Open(string path, int flags, uint mode, out WriteFailure? failure)
    {
        failure = null;
        if (Refuse("open", path) is var refused and not 0)
        {
            failure = WriteFailure.FromErrno("open", path, refused);
            return null;
        }

        var file = Fcntl.open(path, flags, mode);
        if (!file.IsInvalid)
            return file;
        failure = WriteFailure.FromErrno("open", path, Marshal.GetLastPInvokeError());
        file.Dispose();
        return null;
    }

    WriteFailure? WriteAll(SafeFileHandle file, string path, ReadOnlySpan<byte> bytes)
    {
        if (Refuse("write", path) is var refused and not 0)
            return WriteFailure.FromErrno("write", path, refused);
        while (!bytes.IsEmpty)
        {
            var length = Unistd.write(file, bytes, bytes.Length);
            if (length > 0)
                bytes = bytes[(int)length..];
            else if (Marshal.GetLastPInvokeError() is var error and not Errno.EINTR)
                return WriteFailure.FromErrno("write", path, error);
        }

        return null;
    }

    WriteFailure? Make(string call, string target, Func<int> body)
    {
        if (Refuse(call, target) is var refused and not 0)
            return WriteFailure.FromErrno(call, target, refused);
        return body() == 0 ? null : WriteFailure.FromErrno(call, target, Marshal.GetLastPInvokeError());
    }
}
