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

    readonly List<SysctlLine> _lines;
    readonly List<string> _files;

    SysctlConfiguration(List<SysctlLine> lines, List<string> files) => (_lines, _files) = (lines, files);

    /// <summary>Reads the configuration.</summary>
    /// <param name="root">The mount point of the machine's root file system: "/" or, in a container, "/host".</param>
    public static Reading<SysctlConfiguration> Read(string root)
    {
        root = root.TrimEnd('/');
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var directories = 0;
        try
        {
            foreach (var directory in Directories.Select(directory => root + directory).Where(Directory.Exists))
            {
                directories++;
                foreach (var file in Directory.EnumerateFiles(directory, "*.conf"))
                    files.TryAdd(Path.GetFileName(file), file);
            }

            if (directories == 0)
            {
                return new Missing(
                    Absence.NotPresent,
                    $"{root}{Directories[0]}: neither it nor {string.Join(", ", Directories[1..])} exists"
                );
            }

            var lines = new List<SysctlLine>();
            var places = new List<string>();
            foreach (var file in files.Values)
            {
                // A name that leads to an empty file or to /dev/null hides files of the same name.
                var target = Target(root, file);
                if (
                    target == root + "/dev/null"
                    || !File.Exists(target)
                    || new FileInfo(target).Length > FileBytesAtMost
                )
                {
                    continue;
                }

                lines.AddRange(File.ReadLines(target).Select(SysctlLine.Parse).OfType<SysctlLine>());
                places.AddRange(Enumerable.Repeat(file[root.Length..], lines.Count - places.Count));
            }

            return new SysctlConfiguration(lines, places);
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
        // No glob applies to a key that is set by name, wherever the glob is.
        var named = _lines.FindLastIndex(line => !line.IsGlob && line.Path == path);
        return named >= 0
            ? named
            : _lines.FindLastIndex(line => line.IsGlob && line.Value is not null && line.Matches(path));
    }

    /// <summary>Follows links as the machine with this root would.</summary>
    static string Target(string root, string file)
    {
        for (var links = 0; links < LinksAtMost && new FileInfo(file).LinkTarget is { } target; links++)
            file = target.StartsWith('/') ? root + target : Path.GetFullPath(target, Path.GetDirectoryName(file)!);
        return file;
    }
}
