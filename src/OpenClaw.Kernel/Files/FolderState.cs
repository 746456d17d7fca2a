using OpenClaw.Kernel.Interop;

namespace OpenClaw.Kernel.Files;

/// <summary>
/// The state of a folder, or of a file, by which a change of its list of files, or of its text, is noticed.
/// </summary>
/// <param name="Path">The path.</param>
/// <param name="Exists">False only where the folder is known to be absent.</param>
/// <param name="Identity">The folder; null where it is absent or may not be looked at.</param>
/// <param name="Changed">The time at which a file last came, went or was renamed, or the file was written.</param>
/// <param name="Size">The size.</param>
readonly record struct FolderState(string Path, bool Exists, FileIdentity? Identity, DateTimeOffset Changed, ulong Size)
{
    /// <summary>
    /// A file or folder that changed shortly before it was read may change again with the same time. The kernel's clock
    /// for files moves on every 10 ms at worst.
    /// </summary>
    public static readonly TimeSpan JustNow = TimeSpan.FromSeconds(1);

    /// <summary>Reads the state. It has to be read before the folder is listed, so that no change is missed.</summary>
    public static FolderState Read(string path) =>
        Stat.statx(Stat.AT_FDCWD, path, 0, Stat.STATX_INO | Stat.STATX_MTIME | Stat.STATX_SIZE, out var status) == 0
            ? new(path, true, FileIdentity.From(status), Time(status), status.stx_size)
            : new(path, !Folder.IsAbsent(path), null, default, 0);

    /// <summary>Returns true where a list made at this time is valid for as long as the state stays the same.</summary>
    public bool IsSettledAt(DateTimeOffset time) => !Exists || (Identity is not null && time - Changed > JustNow);

    static DateTimeOffset Time(in Stat.statx_t status) =>
        DateTimeOffset
            .FromUnixTimeSeconds(status.stx_mtime_sec)
            .AddTicks(status.stx_mtime_nsec / TimeSpan.NanosecondsPerTick);
}
