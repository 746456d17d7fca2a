using System.Collections.Immutable;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Sysctls;

/// <summary>
/// The persistent sysctls, which systemd-sysctl writes when the machine starts. It reads *.conf from four directories,
/// ordered by file name. Of two files with the same name, it reads only the one in the earlier directory. The last
/// assignment is effective. The file /etc/sysctl.conf applies only where a link such as /etc/sysctl.d/99-sysctl.conf
/// leads to it.
/// </summary>
sealed class SysctlConfiguration
{
    const int LinksAtMost = 16;
    const int FileBytesAtMost = 1 << 20;

    static readonly string[] Directories =
    [
        "/etc/sysctl.d",
        "/run/sysctl.d",
        "/usr/local/lib/sysctl.d",
        "/usr/lib/sysctl.d",
    ];

    /// <summary>
    /// A file changed so short a time before it was read may change again without another time: the kernel's clock for
    /// files moves on every 10 ms at worst.
    /// </summary>
    static readonly TimeSpan JustNow = TimeSpan.FromSeconds(1);

    readonly List<SysctlLine> _lines = [];
    readonly List<string> _files = [];
    readonly ImmutableArray<Stamp> _stamps;
    readonly bool _isSettled;

    SysctlConfiguration(string root, ImmutableArray<Stamp> stamps)
    {
        _stamps = stamps;
        _isSettled = stamps.All(static stamp => DateTime.UtcNow - stamp.Changed > JustNow);
        foreach (var stamp in stamps)
        {
            _lines.AddRange(File.ReadLines(stamp.Target).Select(SysctlLine.Parse).OfType<SysctlLine>());
            _files.AddRange(Enumerable.Repeat(stamp.File[root.Length..], _lines.Count - _files.Count));
        }
    }

    /// <summary>Reads the files, unless they are those that were read before.</summary>
    /// <param name="root">The mount point of the machine's root file system: "/" or, in a container, "/host".</param>
    /// <param name="before">The configuration as it was read before; null to read it anew.</param>
    public static Reading<SysctlConfiguration> Read(string root, SysctlConfiguration? before = null)
    {
        root = root.TrimEnd('/');
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var directories = 0;
        try
        {
            foreach (var directory in Directories.Select(directory => root + directory))
            {
                if (FilesOf(directory) is not { } found)
                    continue;
                directories++;
                foreach (var file in found)
                    files.TryAdd(Path.GetFileName(file), file);
            }

            if (directories == 0)
            {
                return new Missing(
                    Absence.NotPresent,
                    $"{root}{Directories[0]}: neither it nor {string.Join(", ", Directories[1..])} exists"
                );
            }

            ImmutableArray<Stamp> stamps = [.. files.Values.Select(file => StampOf(root, file)).OfType<Stamp>()];
            return before is { _isSettled: true } && before._stamps.SequenceEqual(stamps)
                ? before
                : new SysctlConfiguration(root, stamps);
        }
        catch (UnauthorizedAccessException error)
        {
            return new Missing(Absence.NotPermitted, error.Message);
        }
        catch (IOException error)
        {
            return new Missing(Absence.Failed, error.Message);
        }
    }

    /// <summary>Returns the files of a directory; null when it does not exist.</summary>
    /// <exception cref="UnauthorizedAccessException">The directory may not be read.</exception>
    static string[]? FilesOf(string directory)
    {
        try
        {
            return Directory.GetFiles(directory, "*.conf");
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Returns the configured value of a key; null when it has none.</summary>
    /// <param name="path">The key as a path below /proc/sys.</param>
    public string? this[string path] => IndexOf(path) is >= 0 and var at ? _lines[at].Value : null;

    /// <summary>
    /// Returns the file with the effective line of a key, as a path of the machine. Null where none sets the key by its
    /// own name.
    /// </summary>
    /// <param name="path">The key as a path below /proc/sys.</param>
    public string? FileOf(string path) =>
        IndexOf(path) is >= 0 and var at && _lines[at] is { IsGlob: false, Value: not null } ? _files[at] : null;

    int IndexOf(string path)
    {
        // No glob applies to a key that is set by name, wherever the glob is.
        var named = _lines.FindLastIndex(line => !line.IsGlob && line.Path == path);
        return named >= 0
            ? named
            : _lines.FindLastIndex(line => line.IsGlob && line.Value is not null && line.Matches(path));
    }

    /// <summary>
    /// The file behind a name; null where there is none to read. A name that stands for an empty file, or for
    /// /dev/null, hides those of the same name.
    /// </summary>
    static Stamp? StampOf(string root, string file)
    {
        var target = new FileInfo(Target(root, file));
        if (target.FullName == root + "/dev/null" || target is not { Exists: true, Length: <= FileBytesAtMost })
            return null;
        FileIdentity? identity = FileIdentity.Read(target.FullName).TryGet(out var read) ? read : null;
        return new(file, target.FullName, identity, target.Length, target.LastWriteTimeUtc);
    }

    /// <summary>Follows links as they would lead on the machine whose root this is.</summary>
    static string Target(string root, string file)
    {
        for (var links = 0; links < LinksAtMost && new FileInfo(file).LinkTarget is { } target; links++)
            file = target.StartsWith('/') ? root + target : Path.GetFullPath(target, Path.GetDirectoryName(file)!);
        return file;
    }

    /// <summary>The state of a file by which a change is noticed.</summary>
    readonly record struct Stamp(string File, string Target, FileIdentity? Identity, long Length, DateTime Changed);
}
