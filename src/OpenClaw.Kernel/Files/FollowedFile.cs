using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Files;

/// <summary>Receives the bytes that are appended to a followed file.</summary>
public interface IFileReceiver
{
    /// <summary>Takes the next bytes. They may be cut at any place.</summary>
    void Append(ReadOnlySpan<byte> bytes);

    /// <summary>Discards an unfinished line. The next bytes are the start of another file.</summary>
    void EndFile();
}

/// <summary>
/// Follows a log file or a FIFO that another process writes, and never waits for the writer. It returns appended bytes
/// and survives rotation (rename and create) and truncation. Bytes that the file holds at the start are skipped, even
/// while it is unreadable. A file that appears later is read from its start. A file that is truncated and then outgrows
/// its old length between two reads goes unnoticed.
/// </summary>
public sealed class FollowedFile(string path) : IDisposable
{
    const int BufferSize = 64 * 1024;

    /// <summary>
    /// The limit on bytes that one call reads, so that a writer that is faster than the reader cannot hold it for ever.
    /// </summary>
    const long BytesAtMost = 64 * 1024 * 1024;

    readonly byte[] _buffer = new byte[BufferSize];
    SafeFileHandle? _file;

    /// <summary>
    /// The file that <see cref="_position"/> belongs to, open or not. It is <see cref="Nothing"/> where there was no
    /// file, and null before the first attempt.
    /// </summary>
    (uint, uint, ulong)? _identity;
    bool _isRegular;
    long _position;

    static (uint, uint, ulong) Nothing => default;

    /// <summary>
    /// Passes new bytes to the receiver. Returns null, or the reason why the file cannot be read now.
    /// </summary>
    public Missing? Follow(IFileReceiver receiver)
    {
        if (_file is null && Open() is { } failure)
            return failure;

        if (ReadOn(receiver, out var count) is { } broken)
        {
            Close();
            return broken;
        }

        // A file that shrank is read from its start. After a rename, the writer may still write to the old file until
        // it is told to reopen. The new file is opened only when the old one has nothing new.
        if (_isRegular && TryStat(_file!, out var status) && (long)status.stx_size < _position)
        {
            receiver.EndFile();
            _position = 0;
            return ReadOn(receiver, out _);
        }

        if (!TryStat(out var current, out var gone))
            return gone;
        if (count > 0 || IdentityOf(current) == _identity)
            return null;
        receiver.EndFile();
        Close();
        return Open() ?? ReadOn(receiver, out _);
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    Missing? Open()
    {
        // O_NONBLOCK: opening a FIFO would wait for a writer.
        var file = Fcntl.open(path, Fcntl.O_RDONLY | Fcntl.O_NONBLOCK | Fcntl.O_CLOEXEC);
        if (file.IsInvalid || !TryStat(file, out var status))
        {
            var failure = Missing.FromErrno(Marshal.GetLastPInvokeError(), path, KernelCall.File);
            file.Dispose();

            // An unreadable file may still report its size.
            if (failure.Reason == Absence.NotPresent)
                _identity = Nothing;
            else if (_identity is null && TryStat(out var unread, out _))
                (_identity, _position) = (IdentityOf(unread), (long)unread.stx_size);
            return failure;
        }

        _file = file;
        _isRegular = (status.stx_mode & Stat.S_IFMT) == Stat.S_IFREG;
        var identity = IdentityOf(status);
        if (_isRegular && _identity is null)
            _position = (long)status.stx_size;
        else if (!_isRegular || _identity != identity)
            _position = 0;
        _identity = identity;
        return null;
    }

    Missing? ReadOn(IFileReceiver receiver, out long count)
    {
        for (count = 0; count < BytesAtMost; )
        {
            var length = _isRegular
                ? Unistd.pread(_file!, _buffer, _buffer.Length, _position)
                : Unistd.read(_file!, _buffer, _buffer.Length);
            if (length > 0)
            {
                receiver.Append(_buffer.AsSpan(0, (int)length));
                _position += length;
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
                    return Missing.FromErrno(error, path, KernelCall.File);
            }
        }

        return null;
    }

    void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    /// <summary>Returns the status of the file that the path leads to now.</summary>
    bool TryStat(out Stat.statx_t status, out Missing? failure)
    {
        var isThere = Stat.statx(Stat.AT_FDCWD, path, 0, Stat.STATX_INO | Stat.STATX_SIZE, out status) == 0;
        failure = isThere ? null : Missing.FromErrno(Marshal.GetLastPInvokeError(), path, KernelCall.File);
        return isThere;
    }

    static bool TryStat(SafeFileHandle file, out Stat.statx_t status) =>
        Stat.statx(file, "", Stat.AT_EMPTY_PATH, Stat.STATX_TYPE | Stat.STATX_INO | Stat.STATX_SIZE, out status) == 0;

    static (uint, uint, ulong) IdentityOf(in Stat.statx_t status) =>
        (status.stx_dev_major, status.stx_dev_minor, status.stx_ino);
}
