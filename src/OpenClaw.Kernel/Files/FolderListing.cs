using System.Diagnostics;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Files;

/// <summary>
/// The paths that match a pattern. Where only the last name has wildcards, the folder is listed again only once it
/// changed. A log is looked at several times a second, and gets a file each day.
/// </summary>
/// <param name="pattern">A path with * and ? in its names.</param>
/// <param name="atMost">The limit on paths.</param>
sealed class FolderListing(string pattern, int atMost)
{
    /// <summary>The limit on the age of a list: a file system of another machine may show old times.</summary>
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(pattern)) ?? "/";
    List<string> _paths = [];
    FolderState? _seen;
    DateTimeOffset _listedAt;
    long _listed;

    /// <summary>The number of times that the folder was listed.</summary>
    internal int Count { get; private set; }

    /// <summary>Returns the paths.</summary>
    /// <param name="failure">The first folder that could not be listed; null when every folder could.</param>
    public List<string> Read(out Missing? failure)
    {
        // The folder is looked at before it is listed, so that a change in between is seen the next time.
        var now = DateTimeOffset.UtcNow;
        FolderState? state = PathPattern.HasWildcards(_folder) ? null : FolderState.Read(_folder);
        var isYoung = Stopwatch.GetElapsedTime(_listed) < Longest;
        if (state is { } folder && state == _seen && folder.IsSettledAt(_listedAt) && isYoung)
        {
            failure = null;
            return _paths;
        }

        _paths = PathPattern.Expand(pattern, atMost, out failure);
        (_seen, _listedAt, _listed) = (failure is null ? state : null, now, Stopwatch.GetTimestamp());
        Count++;
        return _paths;
    }
}
