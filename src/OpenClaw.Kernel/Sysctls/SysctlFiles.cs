using System.Collections.Immutable;
using OpenClaw.Kernel.Files;

namespace OpenClaw.Kernel.Sysctls;

/// <summary>The configuration files in the directories of sysctl.d, in the order in which they apply.</summary>
sealed class SysctlFiles
{
    readonly ImmutableArray<FolderState> _directories;
    readonly bool _isSettled;

    SysctlFiles(ImmutableArray<FolderState> directories, ImmutableArray<string> paths)
    {
        _directories = directories;
        _isSettled = directories.All(static at => at.IsSettledAt(DateTimeOffset.UtcNow));
        Paths = paths;
    }

    /// <summary>The paths, ordered by file name. An earlier directory hides the same name in a later one.</summary>
    public ImmutableArray<string> Paths { get; }

    /// <summary>True where one of the directories exists.</summary>
    public bool AnyDirectory => _directories.Any(static at => at.Exists);

    /// <summary>
    /// Lists the files. Returns the files of an earlier call while no directory changed, because a listing costs more
    /// than the times of all directories.
    /// </summary>
    /// <param name="root">The mount point of the machine's root file system, without a slash at its end.</param>
    /// <param name="directories">The directories below the root, the most important one first.</param>
    /// <param name="before">The files of an earlier call; null to list them anew.</param>
    /// <exception cref="UnauthorizedAccessException">A directory may not be listed.</exception>
    /// <exception cref="IOException">A directory cannot be read.</exception>
    public static SysctlFiles List(string root, IEnumerable<string> directories, SysctlFiles? before)
    {
        ImmutableArray<FolderState> stamps = [.. directories.Select(directory => FolderState.Read(root + directory))];
        if (before is { _isSettled: true } && before._directories.SequenceEqual(stamps))
            return before;

        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var listed = stamps
            .Where(static at => at.Exists)
            .SelectMany(static at => Directory.GetFiles(at.Path, "*.conf"));
        foreach (var file in listed)
            files.TryAdd(Path.GetFileName(file), file);
        return new(stamps, [.. files.Values]);
    }
}
