using System.Globalization;
using System.Text;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Remedies;

/// <summary>
/// A replacement of text in one line of a file. The command changes nothing when the line does not have the text.
/// </summary>
/// <param name="Path">The path of the file.</param>
/// <param name="Number">The number of the line, from 1.</param>
/// <param name="Old">The old text, which ends with a word.</param>
/// <param name="New">The new text.</param>
sealed record LineEdit(string Path, long Number, string Old, string New) : Change(ChangeScope.File)
{
    /// <inheritdoc/>
    public override string Target => string.Create(CultureInfo.InvariantCulture, $"line {Number} of {Path}");

    /// <inheritdoc/>
    public override string Before => Old;

    /// <inheritdoc/>
    public override string After => New;

    /// <inheritdoc/>
    public override LineEdit Inverse => this with { Old = New, New = Old };

    /// <inheritdoc/>
    public override string Command =>
        string.Create(CultureInfo.InvariantCulture, $@"sed -i '{Number}s/{Old}\b/{New}/' {ShellWord.Quote(Path)}");

    /// <summary>
    /// Returns the content of the file after the edit; null where the line does not have the text. Only the first
    /// place of the line changes where the text ends with a word.
    /// </summary>
    /// <param name="content">The content of the file. Bytes that are not UTF-8 stay as they are.</param>
    public byte[]? Edit(ReadOnlySpan<byte> content)
    {
        // Latin-1 gives each byte a character, so that every byte outside the edit is kept.
        var text = Encoding.Latin1.GetString(content);
        var (old, replacement) = (Bytes(Old), Bytes(New));
        var start = 0;
        for (var line = 1; line < Number; line++)
        {
            start = text.IndexOf('\n', start) + 1;
            if (start == 0)
                return null;
        }

        var end = text.IndexOf('\n', start) is var found and >= 0 ? found : text.Length;
        for (var at = start; (at = text.IndexOf(old, at, end - at, StringComparison.Ordinal)) >= 0; at++)
        {
            var next = at + old.Length;
            if (next == end || !(char.IsAsciiLetterOrDigit(text[next]) || text[next] == '_'))
                return Encoding.Latin1.GetBytes($"{text[..at]}{replacement}{text[next..]}");
        }

        return null;
    }

    static string Bytes(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}
