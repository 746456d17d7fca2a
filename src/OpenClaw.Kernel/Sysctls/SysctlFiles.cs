using System.Collections.Immutable;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Interop;

namespace OpenClaw.Kernel.Sysctls;

/// <summary>The configuration files in the directories of sysctl.d, in the order in which they apply.</summary>
sealed class SysctlFiles
{
    /// <summary>
    /// A file or directory changed so short a time before it was read may change again without another time: the
    /// kernel's clock for files moves on every 10 ms at worst.
    /// </summary>
    public static readonly TimeSpan JustNow = TimeSpan.FromSeconds(1);

    readonly ImmutableArray<Stamp> _directories;
    readonly bool _isSettled;

    SysctlFiles(ImmutableArray<Stamp> directories, ImmutableArray<string> paths)
    {
        _directories = directories;
        _isSettled = directories.All(static at => !at.Exists || DateTime.UtcNow - at.Changed > JustNow);
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
        ImmutableArray<Stamp> stamps = [.. directories.Select(directory => Stamp.Read(root + directory))];
        if (before is { _isSettled: true } && before._directories.SequenceEqual(stamps))
            return before;

        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in stamps.Where(static at => at.Exists).SelectMany(static at => at.Files()))
            files.TryAdd(Path.GetFileName(file), file);
        return new(stamps, [.. files.Values]);
    }

    /// <summary>The state of a directory by which a change is noticed.</summary>
    readonly record struct Stamp(string Path, bool Exists, FileIdentity? Identity, DateTime Changed)
    {
        public static Stamp Read(string path) =>
            Stat.statx(Stat.AT_FDCWD, path, 0, Stat.STATX_INO | Stat.STATX_MTIME, out var status) == 0
                ? new(path, true, FileIdentity.From(status), Time(status))
                : new(path, !Folder.IsAbsent(path), null, default);

        public string[] Files() => Directory.GetFiles(Path, "*.conf");

        static DateTime Time(in Stat.statx_t status) =>
            DateTime
                .UnixEpoch.AddSeconds(status.stx_mtime_sec)
                .AddTicks(status.stx_mtime_nsec / TimeSpan.NanosecondsPerTick);
    }
}
