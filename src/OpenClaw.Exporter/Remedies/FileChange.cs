using System.Text;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Remedies;

/// <summary>New content of a file that is not the kernel's, byte by byte.</summary>
/// <param name="Path">The path of the file.</param>
/// <param name="Old">The present content, which an undo restores; null where the file does not exist.</param>
/// <param name="New">The new content; null to remove the file.</param>
sealed record FileChange(string Path, byte[]? Old, byte[]? New) : Change(ChangeScope.File)
{
    /// <summary>True where the folder of the file exists only because of this change.</summary>
    public bool OwnsFolder { get; init; }

    /// <inheritdoc/>
    public override string Target => Path;

    /// <inheritdoc/>
    public override string Before => Words(Old, New);

    /// <inheritdoc/>
    public override string After => Words(New, Old);

    /// <inheritdoc/>
    public override FileChange Inverse => this with { Old = New, New = Old };

    /// <inheritdoc/>
    public override string Command => $"cp NEW {ShellWord.Quote(Path)}";

    /// <summary>Returns the lines that only one of two contents has, comments excluded.</summary>
    static string Words(byte[]? content, byte[]? other)
    {
        if (content is null)
            return "no file";
        var there = other is null ? [] : LinesOf(other).ToHashSet();
        var lines = LinesOf(content)
            .Where(line => !there.Contains(line) && !line.StartsWith('#') && line.Length > 0)
            .ToList();
        return lines.Count == 0 ? "no such line" : string.Join("; ", lines);
    }

    static IEnumerable<string> LinesOf(byte[] content) =>
        Encoding.UTF8.GetString(content).Split('\n').Select(static line => line.Trim());
}
