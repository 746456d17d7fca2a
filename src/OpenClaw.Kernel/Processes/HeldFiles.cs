using System.Runtime.InteropServices;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>The place that more than half of the open files of a process share.</summary>
/// <param name="Count">The number of these files.</param>
/// <param name="Path">The deepest folder above them, with a slash at its end, or the one file that all of them are.
/// "/" where they are in different folders.</param>
public sealed record HeldFiles(long Count, string Path)
{
    /// <summary>The end of the names that more than half of them have, such as ".md"; empty for none.</summary>
    public string Suffix { get; init; } = "";

    /// <summary>
    /// The number of all open files that were deleted. Their space is freed when they are closed.
    /// </summary>
    public long Deleted { get; init; }

    /// <summary>True where <see cref="Path"/> is one file, opened again and again.</summary>
    public bool IsOneFile => !Path.EndsWith('/');

    /// <summary>Returns all counts multiplied by a factor, as for a sample.</summary>
    internal HeldFiles Scaled(double factor) =>
        this with
        {
            Count = (long)Math.Round(Count * factor),
            Deleted = (long)Math.Round(Deleted * factor),
        };
}

/// <summary>
/// Collects the targets of descriptors: the paths of files, sockets, and the names of the kinds without a path.
/// </summary>
sealed class HeldTargets
{
    /// <summary>
    /// The limit on folders, files and kinds that are told apart. The most frequent ones come early.
    /// </summary>
    const int NamesAtMost = 1024;

    /// <summary>The longest end of a name that is one: longer ones are part of a name.</summary>
    const int SuffixAtMost = 8;

    readonly Dictionary<(string Folder, string Suffix), long> _files = [];
    readonly Dictionary<string, long> _paths = [];
    readonly Dictionary<string, long> _kinds = [];
    long _all;
    long _deleted;

    static ReadOnlySpan<byte> DeletedMark => " (deleted)"u8;

    /// <summary>The inodes of the sockets.</summary>
    public HashSet<ulong> Sockets { get; } = [];

    /// <summary>Adds the target of a link.</summary>
    public void Add(ReadOnlySpan<byte> target)
    {
        if (DescriptorLinks.TryReadSocket(target, out var inode))
            Sockets.Add(inode);
        else if (target.StartsWith("/"u8))
            AddFile(target);
        else
            AddKind(target);
    }

    /// <summary>The most frequent kind of descriptor without a path, such as "inotify"; empty for none.</summary>
    public (string Name, long Count) MostWithoutPath =>
        _kinds
            .Select(static kind => (Name: kind.Key, Count: kind.Value))
            .OrderByDescending(static kind => kind.Count)
            .FirstOrDefault(("", 0));

    /// <summary>Returns the place that most of the files share; null when there is no file.</summary>
    public HeldFiles? ToFiles()
    {
        if (_all == 0)
            return null;
        var file = _paths.MaxBy(static path => path.Value);
        if (2 * file.Value > _all)
            return new(file.Value, file.Key) { Deleted = _deleted };
        var below = new Dictionary<string, long>();
        foreach (var (place, count) in _files)
        {
            for (var folder = place.Folder; folder.Length > 0; folder = ParentOf(folder))
                CollectionsMarshal.GetValueRefOrAddDefault(below, folder, out _) += count;
        }

        var common = below
            .Where(folder => 2 * folder.Value > _all)
            .Select(static folder => folder.Key)
            .MaxBy(static folder => folder.Length)!;
        var inside = below[common];
        var suffixes = new Dictionary<string, long>();
        foreach (var (place, count) in _files)
        {
            if (place.Folder.StartsWith(common, StringComparison.Ordinal))
                CollectionsMarshal.GetValueRefOrAddDefault(suffixes, place.Suffix, out _) += count;
        }

        var suffix = suffixes.MaxBy(static suffix => suffix.Value);
        return new(inside, common) { Suffix = 2 * suffix.Value > inside ? suffix.Key : "", Deleted = _deleted };
    }

    void AddFile(ReadOnlySpan<byte> target)
    {
        _all++;
        if (target.EndsWith(DeletedMark))
        {
            target = target[..^DeletedMark.Length];

            // Memory without a file has no name in any folder, and so counts as deleted from its start.
            _deleted += target.StartsWith("/memfd:"u8) ? 0 : 1;
        }

        var path = KernelText.Decode(target);
        Count(_paths, path);
        var folder = path.Length > 1 ? ParentOf(path) : path;
        var name = path.AsSpan(folder.Length);
        var dot = name.LastIndexOf('.');
        var suffix = dot > 0 && name.Length - dot <= SuffixAtMost ? name[dot..].ToString() : "";
        while (_files.Count >= NamesAtMost && folder.Length > 1 && !_files.ContainsKey((folder, suffix)))
            folder = ParentOf(folder);
        CollectionsMarshal.GetValueRefOrAddDefault(_files, (folder, suffix), out _)++;
    }

    void AddKind(ReadOnlySpan<byte> target)
    {
        var text = target.StartsWith("anon_inode:"u8) ? target["anon_inode:"u8.Length..].Trim("[]"u8) : target;
        var end = text.IndexOf((byte)':');
        var name = KernelText.Decode(end < 0 ? text : text[..end]);
        Count(_kinds, name);
    }

    static void Count(Dictionary<string, long> names, string name)
    {
        if (names.Count < NamesAtMost || names.ContainsKey(name))
            CollectionsMarshal.GetValueRefOrAddDefault(names, name, out _)++;
    }

    /// <summary>Returns the folder of a path, with its slash; empty for the root.</summary>
    static string ParentOf(string path) =>
        path.Length < 2 ? "" : path[..(path.AsSpan(0, path.Length - 1).LastIndexOf('/') + 1)];
}
