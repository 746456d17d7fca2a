using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Files;

/// <summary>
/// Follows the regular files that a pattern matches, such as a log with a file for each day. A file is known by its
/// inode, so a renamed file is read on and never twice. Bytes in the files at the start are skipped, even while they
/// are unreadable. A file that appears later is read from its start; a copy of a file is a new one. Symbolic links are
/// not followed: any user can create one in a shared folder.
/// </summary>
/// <param name="pattern">A path with * and ? in its names.</param>
/// <param name="receiver">Creates the receiver of one file.</param>
public sealed class FollowedFiles(string pattern, Func<IFileReceiver> receiver) : IDisposable
{
    /// <summary>The limit on files that stay open: those written last. Others are opened to read on.</summary>
    public const int OpenAtMost = 16;

    /// <summary>The limit on files that are followed.</summary>
    const int FilesAtMost = 1000;

    /// <summary>The number of calls that a file without a matching name is kept: it may be renamed now.</summary>
    const int UnlistedAtMost = 50;

    const int BufferSize = 64 * 1024;

    /// <summary>The limit on bytes that a call reads, of all files. A snapshot waits for the call.</summary>
    const long BytesAtMost = 16 * 1024 * 1024;

    readonly byte[] _buffer = new byte[BufferSize];
    readonly Dictionary<FileIdentity, OneFile> _files = [];
    readonly FolderListing _listing = new(pattern, FilesAtMost);
    bool _hasListed;

    /// <summary>True once a file was opened.</summary>
    public bool WasOpened { get; private set; }

    /// <summary>The number of times that the folder was listed.</summary>
    internal int ListingCount => _listing.Count;

    /// <summary>The number of files that are open.</summary>
    internal int OpenCount => _files.Values.Count(static file => file.Tail.IsOpen);

    /// <summary>
    /// Passes the new bytes of each file to its receiver, in the order in which the files were last written. Returns
    /// null, or the first reason why a file cannot be read now.
    /// </summary>
    public Missing? Follow()
    {
        var failure = List();
        _hasListed |= _files.Count > 0 || failure is not { IsUnseen: true };

        var order = _files.OrderBy(static pair => pair.Value.Written).ToList();
        var rest = BytesAtMost;
        for (var i = 0; i < order.Count; i++)
        {
            var (identity, file) = order[i];
            var mayStayOpen = i >= order.Count - OpenAtMost;
            var broken = ReadOn(identity, file, mayStayOpen, ref rest);
            failure ??= broken;
            if (!file.IsGone && file.Unlisted <= UnlistedAtMost)
                continue;
            file.Dispose();
            _files.Remove(identity);
        }

        return failure ?? (_files.Count == 0 ? new(Absence.NotPresent, $"{pattern}: no file matches") : null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in _files.Values)
            file.Dispose();
        _files.Clear();
    }

    /// <summary>Updates the files from their folders. Returns the first reason why one of them is unseen.</summary>
    Missing? List()
    {
        foreach (var file in _files.Values)
            file.IsListed = false;
        var paths = _listing.Read(out var failure);
        foreach (var path in paths)
        {
            if (
                Stat.statx(
                    Stat.AT_FDCWD,
                    path,
                    Stat.AT_SYMLINK_NOFOLLOW,
                    Stat.STATX_TYPE | Stat.STATX_INO | Stat.STATX_SIZE | Stat.STATX_MTIME,
                    out var status
                ) != 0
            )
            {
                var missing = Missing.FromErrno(Marshal.GetLastPInvokeError(), path, KernelCall.File);
                if (missing.Reason != Absence.NotPresent)
                    failure ??= FileAccessDenial.Explain(missing, path);
                continue;
            }

            if ((status.stx_mode & Stat.S_IFMT) == Stat.S_IFREG)
                Update(FileIdentity.From(status), path, status);
        }

        // A folder that cannot be listed for a while does not make its files new.
        var isWhole = failure is not { IsUnseen: true } && paths.Count < FilesAtMost;
        foreach (var file in _files.Values.Where(file => isWhole && !file.IsListed))
            file.Unlisted++;
        return failure;
    }

    void Update(FileIdentity identity, string path, in Stat.statx_t status)
    {
        if (!_files.TryGetValue(identity, out var file))
        {
            file = new(path);
            file.Tail.Position = _hasListed ? 0 : (long)status.stx_size;
            _files.Add(identity, file);
        }

        file.Tail.Path = path;
        file.IsListed = true;
        file.Unlisted = 0;
        file.Size = (long)status.stx_size;
        file.Written = (status.stx_mtime_sec, status.stx_mtime_nsec);
    }

    Missing? ReadOn(FileIdentity identity, OneFile file, bool mayStayOpen, ref long rest)
    {
        if (!file.Tail.IsOpen)
        {
            if (!file.IsListed || (!mayStayOpen && (file.Size == file.Tail.Position || rest <= 0)))
                return null;
            if (file.Tail.Open(out var opened) is { } failure)
                return failure.Reason == Absence.NotPresent ? null : failure;

            // The name led to another file meanwhile. The next call sees both.
            if (FileIdentity.From(opened) != identity)
            {
                file.Tail.Close();
                return null;
            }

            WasOpened = true;
        }

        var lines = file.Receiver ??= receiver();
        var broken = file.Tail.ReadOn(lines, _buffer, rest, out var count);
        rest -= count;
        if (broken is null && file.Tail.TryStat(out var status))
        {
            if ((long)status.stx_size < file.Tail.Position)
            {
                lines.EndFile();
                file.Tail.Position = 0;
                broken = file.Tail.ReadOn(lines, _buffer, rest, out count);
                rest -= count;
            }

            // A file without a name is gone once it is read to its end.
            file.IsGone = status.stx_nlink == 0 && file.Tail.Position >= (long)status.stx_size;
        }

        if (broken is not null || !mayStayOpen)
            file.Close();
        return broken;
    }

    /// <summary>A followed file.</summary>
    sealed class OneFile(string path) : IDisposable
    {
        public FileTail Tail { get; } = new(path);

        /// <summary>The receiver of the file's bytes; null before the first.</summary>
        public IFileReceiver? Receiver { get; set; }

        /// <summary>True where the pattern matched a name of the file in this call.</summary>
        public bool IsListed { get; set; }

        /// <summary>The number of calls since the pattern last matched a name of the file.</summary>
        public int Unlisted { get; set; }

        public long Size { get; set; }

        /// <summary>The time of the last write in seconds and nanoseconds.</summary>
        public (long, uint) Written { get; set; }

        /// <summary>True where the file has no name and nothing more to read.</summary>
        public bool IsGone { get; set; }

        /// <summary>Closes the file. Its last line is ended, unless there is more to read.</summary>
        public void Close()
        {
            Tail.Close();
            if (Tail.Position < Size)
                return;
            Receiver?.EndFile();
            Receiver = null;
        }

        public void Dispose()
        {
            Receiver?.EndFile();
            Tail.Dispose();
        }
    }
}
