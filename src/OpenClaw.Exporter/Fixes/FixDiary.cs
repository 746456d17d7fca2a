using System.Collections.Immutable;
using System.Text;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Writes;

namespace OpenClaw.Exporter.Fixes;

/// <summary>
/// The last actions of fixes, in a file that every user may read. The records themselves hold the content of files, so
/// only root reads them. The exporter adds the actions to its episodes.
/// </summary>
/// <param name="root">The mount point of the machine's root file system.</param>
/// <param name="writes">The system calls.</param>
sealed class FixDiary(string root, SystemWrites writes)
{
    /// <summary>The entries of the file; the oldest are forgotten first.</summary>
    public const int AtMost = 100;

    const string FileName = "diary";
    const uint AllMayRead = 0b110_100_100;

    /// <summary>The file.</summary>
    public string File { get; } = Path.Join(root, FixRecords.FolderName, FileName);

    /// <summary>Adds an entry. A diary that cannot be written has none, and the fix stands all the same.</summary>
    public void Add(FixEntry entry)
    {
        var folder = Path.GetDirectoryName(File)!;
        if (writes.Lock(folder, out var held) is not null)
            return;
        using (held)
        {
            var lines = Read().Append(entry).TakeLast(AtMost).Select(static one => one.Line() + "\n");
            _ = writes.Replace(File, Encoding.UTF8.GetBytes(string.Concat(lines)), AllMayRead);
        }
    }

    /// <summary>Returns the entries, the oldest first; none where there is no diary.</summary>
    public ImmutableArray<FixEntry> Read() =>
        RegularFile.Read(File).TryGet(out var text)
            ? [.. Encoding.UTF8.GetString(text).Split('\n').Select(FixEntry.Parse).OfType<FixEntry>()]
            : [];
}
