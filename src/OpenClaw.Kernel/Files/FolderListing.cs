using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Files;

/// <summary>
/// The paths that match a pattern. Where only the last name has wildcards, the folder is listed again only once it
/// changed: a log is looked at several times a second, and gets a file each day.
/// </summary>
/// <param name="pattern">A path with * and ? in its names.</param>
/// <param name="atMost">The limit on paths.</param>
sealed class FolderListing(string pattern, int atMost)
{
    /// <summary>
    /// The age from which the time of a change is certain. Two changes within one tick of the kernel's clock have the
    /// same time.
    /// </summary>
    static readonly TimeSpan Settled = TimeSpan.FromSeconds(1);

    /// <summary>The limit on the age of a list: a file system of another machine may show old times.</summary>
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    const double NanosecondsPerMicrosecond = 1000;

    readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(pattern)) ?? "/";
    List<string> _paths = [];
    (FileIdentity, long, uint)? _seen;
    DateTimeOffset _listedAt;

    /// <summary>The number of times that the folder was listed.</summary>
    internal int Count { get; private set; }

    /// <summary>Returns the paths.</summary>
    /// <param name="failure">The first folder that could not be listed; null when every folder could.</param>
    public List<string> Read(out Missing? failure)
    {
        // The folder is looked at before it is listed, so that a change in between is seen the next time.
        var now = DateTimeOffset.UtcNow;
        var state = StateOf(out var changed);
        if (state is not null && state == _seen && _listedAt - changed >= Settled && now - _listedAt < Longest)
        {
            failure = null;
            return _paths;
        }

        _paths = PathPattern.Expand(pattern, atMost, out failure);
        (_seen, _listedAt) = (failure is null ? state : null, now);
        Count++;
        return _paths;
    }

    /// <summary>
    /// Returns the folder and the time of its last change; null where the pattern has several folders.
    /// </summary>
    (FileIdentity, long, uint)? StateOf(out DateTimeOffset changed)
    {
        changed = default;
        if (
            PathPattern.HasWildcards(_folder)
            || Stat.statx(Stat.AT_FDCWD, _folder, 0, Stat.STATX_INO | Stat.STATX_MTIME, out var status) != 0
        )
        {
            return null;
        }

        changed = DateTimeOffset
            .FromUnixTimeSeconds(status.stx_mtime_sec)
            .AddMicroseconds(status.stx_mtime_nsec / NanosecondsPerMicrosecond);
        return (FileIdentity.From(status), status.stx_mtime_sec, status.stx_mtime_nsec);
    }
}
