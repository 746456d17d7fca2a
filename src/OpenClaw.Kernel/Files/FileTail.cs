using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Files;

/// <summary>
/// A file or FIFO that is read on from the end of the last read. The position stays while the file is closed.
/// </summary>
sealed class FileTail(string path) : IDisposable
{
    SafeFileHandle? _file;

    /// <summary>The path, which changes when the file is renamed.</summary>
    public string Path { get; set; } = path;

    /// <summary>True while the file is open.</summary>
    public bool IsOpen => _file is not null;

    /// <summary>True for a regular file, which has a size and positions.</summary>
    public bool IsRegular { get; private set; }

    /// <summary>The number of bytes from the start of the file that were read or skipped.</summary>
    public long Position { get; set; }

    /// <summary>Opens the file and returns its status. Returns null, or the reason why it cannot be opened.</summary>
    public Missing? Open(out Stat.statx_t status)
    {
        // O_NONBLOCK: opening a FIFO would wait for a writer.
        var file = Fcntl.open(Path, Fcntl.O_RDONLY | Fcntl.O_NONBLOCK | Fcntl.O_CLOEXEC);
        status = default;
        if (file.IsInvalid || !TryStat(file, out status))
        {
            var failure = Missing.FromErrno(Marshal.GetLastPInvokeError(), Path, KernelCall.File);
            file.Dispose();
            return FileAccessDenial.Explain(failure, Path);
        }

        IsRegular = (status.stx_mode & Stat.S_IFMT) == Stat.S_IFREG;
        if (!IsRegular && (status.stx_mode & Stat.S_IFMT) != Stat.S_IFIFO)
        {
            file.Dispose();
            return new(Absence.Malformed, $"{Path}: is neither a file nor a FIFO");
        }

        _file = file;
        return null;
    }

    /// <summary>
    /// Passes new bytes to the receiver, up to a limit. Returns null, or the reason why the file cannot be read.
    /// </summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="buffer">Room for the bytes of one call.</param>
    /// <param name="atMost">The limit on bytes; one buffer more may be read.</param>
    /// <param name="count">The number of bytes that were read.</param>
    public Missing? ReadOn(IFileReceiver receiver, byte[] buffer, long atMost, out long count)
    {
        for (count = 0; count < atMost; )
        {
            var length = IsRegular
                ? Unistd.pread(_file!, buffer, buffer.Length, Position)
                : Unistd.read(_file!, buffer, buffer.Length);
            if (length > 0)
            {
                receiver.Append(buffer.AsSpan(0, (int)length));
                Position += length;
                count += length;
                continue;
            }

            // A FIFO without a writer is at its end; another writer may come.
            switch (length == 0 ? Errno.EAGAIN : Marshal.GetLastPInvokeError())
            {
                case Errno.EAGAIN:
                    return null;
                case Errno.EINTR:
                    continue;
                case var error:
                    return Missing.FromErrno(error, Path, KernelCall.File);
            }
        }

        return null;
    }

    /// <summary>Returns the status of the open file.</summary>
    public bool TryStat(out Stat.statx_t status) => TryStat(_file!, out status);

    /// <summary>Closes the file. It can be opened again and is then read on.</summary>
    public void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    static bool TryStat(SafeFileHandle file, out Stat.statx_t status) =>
        Stat.statx(
            file,
            "",
            Stat.AT_EMPTY_PATH,
            Stat.STATX_TYPE | Stat.STATX_NLINK | Stat.STATX_INO | Stat.STATX_SIZE | Stat.STATX_MTIME,
            out status
        ) == 0;
}
