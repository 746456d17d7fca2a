using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Files;

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
    /// The limit on bytes that a call reads, so that a writer that is faster than the reader cannot hold it for ever.
    /// </summary>
    const long BytesAtMost = 64 * 1024 * 1024;

    readonly byte[] _buffer = new byte[BufferSize];
    readonly FileTail _tail = new(path);

    /// <summary>
    /// The file that the position belongs to, open or not. It is <see cref="Nothing"/> where there was no file, and
    /// null before the first attempt.
    /// </summary>
    FileIdentity? _identity;

    static FileIdentity Nothing => default;

    /// <summary>
    /// Passes new bytes to the receiver. Returns null, or the reason why the file cannot be read now.
    /// </summary>
    public Missing? Follow(IFileReceiver receiver)
    {
        if (!_tail.IsOpen && Open() is { } failure)
            return failure;

        if (ReadOn(receiver, out var count) is { } broken)
        {
            _tail.Close();
            return broken;
        }

        // A file that shrank is read from its start. After a rename, the writer may still write to the old file until
        // it reopens its log. The new file is opened only when the old one has nothing new.
        if (_tail.IsRegular && _tail.TryStat(out var status) && (long)status.stx_size < _tail.Position)
        {
            receiver.EndFile();
            _tail.Position = 0;
            return ReadOn(receiver, out _);
        }

        if (!TryStat(out var current, out var gone))
            return gone;
        if (count > 0 || FileIdentity.From(current) == _identity)
            return null;
        receiver.EndFile();
        _tail.Close();
        return Open() ?? ReadOn(receiver, out _);
    }

    /// <inheritdoc/>
    public void Dispose() => _tail.Dispose();

    Missing? Open()
    {
        if (_tail.Open(out var status) is { } failure)
        {
            // An unreadable file may still report its size.
            if (failure.Reason == Absence.NotPresent)
                _identity = Nothing;
            else if (_identity is null && TryStat(out var unread, out _))
                (_identity, _tail.Position) = (FileIdentity.From(unread), (long)unread.stx_size);
            return failure;
        }

        var identity = FileIdentity.From(status);
        if (_tail.IsRegular && _identity is null)
            _tail.Position = (long)status.stx_size;
        else if (!_tail.IsRegular || _identity != identity)
            _tail.Position = 0;
        _identity = identity;
        return null;
    }

    Missing? ReadOn(IFileReceiver receiver, out long count) => _tail.ReadOn(receiver, _buffer, BytesAtMost, out count);

    /// <summary>Returns the status of the file that the path leads to now.</summary>
    bool TryStat(out Stat.statx_t status, out Missing? failure)
    {
        var isThere = Stat.statx(Stat.AT_FDCWD, path, 0, Stat.STATX_INO | Stat.STATX_SIZE, out status) == 0;
        failure = isThere
            ? null
            : FileAccessDenial.Explain(Missing.FromErrno(Marshal.GetLastPInvokeError(), path, KernelCall.File), path);
        return isThere;
    }
}
