using System.Collections.Immutable;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Sysctls;

/// <summary>
/// The persistent sysctls, which systemd-sysctl writes when the machine starts. It reads *.conf from four directories,
/// ordered by file name. Where two files have the same name, it reads only the file in the earlier directory. The last
/// assignment is effective. The file /etc/sysctl.conf applies only where a link such as /etc/sysctl.d/99-sysctl.conf
/// leads to it.
/// </summary>
sealed class SysctlConfiguration
{
    const int LinksAtMost = 16;

    static readonly string[] Directories =
    [
        "/etc/sysctl.d",
        "/run/sysctl.d",
        "/usr/local/lib/sysctl.d",
        "/usr/lib/sysctl.d",
    ];

    readonly List<SysctlLine> _lines = [];
    readonly List<string> _files = [];
    readonly Dictionary<string, int> _indexes = [];
    readonly ImmutableArray<Stamp> _stamps;
    readonly bool _isSettled;
    SysctlFiles _listed;

    SysctlConfiguration(string root, SysctlFiles listed, ImmutableArray<Stamp> stamps)
    {
        _listed = listed;
        _stamps = stamps;
        _isSettled = stamps.All(static stamp => DateTime.UtcNow - stamp.Changed > FolderState.JustNow);
        foreach (var stamp in stamps)
        {
            var text = RegularFile.ReadText(stamp.Target);
            Failure ??= text.Missing;
            if (Failure is not null)
                return;
            _lines.AddRange(text.Value.Split('\n').Select(SysctlLine.Parse).OfType<SysctlLine>());
            _files.AddRange(Enumerable.Repeat(stamp.File[root.Length..], _lines.Count - _files.Count));
            if (_lines.Count > Bounds.SysctlLines)
                Failure = new(Absence.Malformed, $"{stamp.File}: more than {Bounds.SysctlLines} lines in all files");
        }
    }

    /// <summary>The first file that cannot be read; null when all can.</summary>
    Missing? Failure { get; }

    /// <summary>Reads the files, unless they are those that were read before.</summary>
    /// <param name="root">The mount point of the machine's root file system: "/" or, in a container, "/host".</param>
    /// <param name="before">The configuration as it was read before; null to read it anew.</param>
    public static Reading<SysctlConfiguration> Read(string root, SysctlConfiguration? before = null)
    {
        root = Path.GetFullPath(root).TrimEnd('/');
        try
        {
            var listed = SysctlFiles.List(root, Directories, before?._listed);
            if (!listed.AnyDirectory)
            {
                return new Missing(
                    Absence.NotPresent,
                    $"{root}{Directories[0]}: missing, as are {string.Join(", ", Directories[1..])}"
                );
            }

            ImmutableArray<Stamp> stamps = [.. listed.Paths.Select(file => StampOf(root, file)).OfType<Stamp>()];
            if (before is not { _isSettled: true } || !before._stamps.SequenceEqual(stamps))
            {
                var read = new SysctlConfiguration(root, listed, stamps);
                return read.Failure is { } failure ? failure : read;
            }

            before._listed = listed;
            return before;
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
        if (!_indexes.TryGetValue(path, out var index))
            _indexes[path] = index = Find(path);
        return index;
    }

    int Find(string path)
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
        if (target.FullName == root + "/dev/null" || !target.Exists)
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
