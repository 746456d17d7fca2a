using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Files;

/// <summary>
/// Opens files that belong to this program alone: mode 0600, regular, and never through a link at their name.
/// </summary>
public static class PrivateFile
{
    const uint Mode = 0x180;

    /// <summary>Opens a file to read it. Missing where it does not exist, or is another kind of file.</summary>
    /// <param name="path">The path; the last part is no link.</param>
    public static Reading<SafeFileHandle> OpenToRead(string path) => Open(path, Fcntl.O_RDONLY);

    /// <summary>Opens a file to read and write it, and creates it where it does not exist.</summary>
    /// <param name="path">The path; the last part is no link.</param>
    /// <param name="isEmptied">True where its present bytes are dropped.</param>
    public static Reading<SafeFileHandle> OpenToWrite(string path, bool isEmptied = false) =>
        Open(path, Fcntl.O_RDWR | Fcntl.O_CREAT | (isEmptied ? Fcntl.O_TRUNC : 0));

    /// <summary>
    /// Locks a file against other programs that also lock it, until it is closed (flock(2)). Returns false where
    /// another one has the lock.
    /// </summary>
    public static bool TryLock(SafeFileHandle file) => SysFile.flock(file, SysFile.LOCK_EX | SysFile.LOCK_NB) == 0;

    static Reading<SafeFileHandle> Open(string path, int flags)
    {
        // O_NONBLOCK: opening a FIFO would wait for its other end.
        var file = Fcntl.open(path, flags | Fcntl.O_NOFOLLOW | Fcntl.O_NONBLOCK | Fcntl.O_CLOEXEC, Mode);
        if (
            file.IsInvalid
            || Stat.statx(file, "", Stat.AT_EMPTY_PATH, Stat.STATX_TYPE | Stat.STATX_NLINK, out var status) != 0
        )
        {
            var failure = Missing.FromErrno(Marshal.GetLastPInvokeError(), path, KernelCall.File);
            file.Dispose();
            return failure;
        }

        if ((status.stx_mode & Stat.S_IFMT) == Stat.S_IFREG && status.stx_nlink == 1)
            return file;
        file.Dispose();
        return new Missing(Absence.Malformed, $"{path}: is not a regular file with one name");
    }
}
