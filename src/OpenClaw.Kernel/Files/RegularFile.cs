using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Files;

/// <summary>
/// Reads files that any author may have made: only regular ones, or links to them, and up to a limit. A FIFO or device
/// is neither waited for nor read.
/// </summary>
public static class RegularFile
{
    /// <summary>
    /// Returns the bytes of a file. Malformed for another kind of file and for a longer one. Interrupted where the file
    /// grew or shrank meanwhile.
    /// </summary>
    /// <param name="path">The path; links are followed.</param>
    /// <param name="atMost">The limit on bytes.</param>
    public static Reading<byte[]> Read(string path, int atMost = Bounds.FileBytes) =>
        ReadPart(path, atMost, isEndEnough: false);

    /// <summary>
    /// Returns the last bytes of a file that grows, up to a limit. Malformed for another kind of file. Interrupted
    /// where the file shrank meanwhile.
    /// </summary>
    /// <param name="path">The path; links are followed.</param>
    /// <param name="atMost">The limit on bytes.</param>
    public static Reading<byte[]> ReadEnd(string path, int atMost) => ReadPart(path, atMost, isEndEnough: true);

    static Reading<byte[]> ReadPart(string path, int atMost, bool isEndEnough)
    {
        // Opening some devices has an effect, so the kind is known first. O_NONBLOCK: a FIFO in its place meanwhile
        // would wait for a writer.
        const uint mask = Stat.STATX_TYPE | Stat.STATX_SIZE;
        if (Stat.statx(Stat.AT_FDCWD, path, 0, mask, out var status) != 0)
            return Explain(path);
        if (!IsRegular(status))
            return NotRegular(path, status);
        using var file = Fcntl.open(path, Fcntl.O_RDONLY | Fcntl.O_NONBLOCK | Fcntl.O_CLOEXEC);
        if (file.IsInvalid || Stat.statx(file, "", Stat.AT_EMPTY_PATH, mask, out status) != 0)
            return Explain(path);
        if (!IsRegular(status))
            return NotRegular(path, status);
        if (status.stx_size > (ulong)atMost && !isEndEnough)
            return Bounds.TooLong(path, atMost);

        // Where the file grew meanwhile, a further byte is read.
        var length = (int)Math.Min(status.stx_size, (ulong)atMost);
        var start = (long)status.stx_size - length;
        var bytes = new byte[isEndEnough ? length : length + 1];
        var read = 0;
        while (read < bytes.Length)
        {
            var count = Unistd.pread(file, bytes.AsSpan(read), bytes.Length - read, start + read);
            if (count == 0)
                break;
            if (count > 0)
                read += (int)count;
            else if (Marshal.GetLastPInvokeError() != Errno.EINTR)
                return Explain(path);
        }

        if (read != length)
            return new Missing(Absence.Interrupted, $"{path}: changed while it was read");
        Array.Resize(ref bytes, length);
        return bytes;
    }

    /// <summary>Returns the text of a file, as <see cref="Read"/> its bytes.</summary>
    /// <param name="path">The path; links are followed.</param>
    /// <param name="atMost">The limit on bytes.</param>
    public static Reading<string> ReadText(string path, int atMost = Bounds.FileBytes) =>
        Read(path, atMost).Select(static bytes => Decode(bytes));

    /// <summary>Decodes UTF-8, or another Unicode that a byte order mark names.</summary>
    public static string Decode(ReadOnlyMemory<byte> bytes)
    {
        using var text = new StreamReader(new MemoryStream(bytes.ToArray()));
        return text.ReadToEnd();
    }

    static bool IsRegular(in Stat.statx_t status) => (status.stx_mode & Stat.S_IFMT) == Stat.S_IFREG;

    static Missing NotRegular(string path, in Stat.statx_t status) =>
        new(
            Absence.Malformed,
            (status.stx_mode & Stat.S_IFMT) == Stat.S_IFDIR
                ? $"{path}: is a directory"
                : $"{path}: is not a regular file"
        );

    static Missing Explain(string path) =>
        FileAccessDenial.Explain(Missing.FromErrno(Marshal.GetLastPInvokeError(), path, KernelCall.File), path);
}
