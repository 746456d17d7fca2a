using System.Buffers;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Files;

/// <summary>A small regular file that is read and parsed again only after it changed.</summary>
/// <param name="path">The path; links are followed.</param>
/// <param name="parse">Parses the whole text.</param>
sealed class ParsedFile<T>(string path, Func<ReadOnlyMemory<byte>, Reading<T>> parse)
{
    /// <summary>The limit on bytes. A longer file is refused.</summary>
    public const int BytesAtMost = 1024 * 1024;

    FolderState? _seen;
    DateTimeOffset _readAt;
    Reading<T> _value = new Missing(Absence.NotAsked, path);

    /// <summary>The number of times that the file was parsed.</summary>
    public int Count { get; private set; }

    /// <summary>Returns the value of the file as it is now, or why there is none.</summary>
    public Reading<T> Read()
    {
        // The file is looked at before it is read, so that a change in between is seen the next time.
        var now = DateTimeOffset.UtcNow;
        var state = FolderState.Read(path);
        if (!state.Exists)
            return new Missing(Absence.NotPresent, $"{path}: no such file");
        if (state == _seen && state.IsSettledAt(_readAt))
            return _value;

        // O_NONBLOCK: opening a FIFO would wait for a writer.
        using var file = Fcntl.open(path, Fcntl.O_RDONLY | Fcntl.O_NONBLOCK | Fcntl.O_CLOEXEC);
        if (file.IsInvalid)
            return Explain(Marshal.GetLastPInvokeError());
        const uint mask = Stat.STATX_TYPE | Stat.STATX_SIZE;
        if (Stat.statx(file, "", Stat.AT_EMPTY_PATH, mask, out var status) != 0)
            return Explain(Marshal.GetLastPInvokeError());
        if ((status.stx_mode & Stat.S_IFMT) != Stat.S_IFREG)
            return new Missing(Absence.Malformed, $"{path}: not a regular file");
        if (status.stx_size > BytesAtMost)
            return new Missing(Absence.Malformed, $"{path}: longer than 1 MiB");

        // Where the file grew meanwhile, a further byte is read.
        var length = (int)status.stx_size;
        var buffer = ArrayPool<byte>.Shared.Rent(length + 1);
        try
        {
            var read = 0;
            while (read <= length)
            {
                var count = Unistd.pread(file, buffer.AsSpan(read), length + 1 - read, read);
                if (count == 0)
                    break;
                if (count > 0)
                    read += (int)count;
                else if (Marshal.GetLastPInvokeError() is var error and not Errno.EINTR)
                    return Explain(error);
            }

            if (read != length)
                return new Missing(Absence.Interrupted, $"{path}: changed while it was read");
            var parsed = parse(buffer.AsMemory(0, length));
            (_seen, _readAt) = (state, now);
            Count++;
            return _value = parsed.Missing is { } missing
                ? missing with
                {
                    Detail = $"{path}: {missing.Detail}",
                }
                : parsed;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    Missing Explain(int error) => FileAccessDenial.Explain(Missing.FromErrno(error, path, KernelCall.File), path);
}
