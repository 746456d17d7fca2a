using System.Text;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Files;

namespace OpenClaw.Exporter.Gateway;

/// <summary>
/// Counts the errors in a file of an OpenClaw log. An error is a line with a code, bare or as "Error Code: clw-…" or
/// "code=clw-…". The lines "Context:" and "Details:" after it belong to it. A line without a code is an error where it
/// has an errno of <see cref="ErrnoTable"/>. Only the first 8 KiB of a line are read.
/// </summary>
/// <param name="tally">The counts, which the files of a log share.</param>
sealed class ClwLog(ClwTally tally) : IFileReceiver
{
    const int LongestLine = 8 * 1024;
    const int LongestText = 500;

    /// <summary>
    /// The limit on unknown codes that are counted by name. Any program may write to a log, and each code is a series.
    /// </summary>
    public const int OtherCodesAtMost = 5;

    /// <summary>
    /// The number of broken lines in a row after which a file is not read as JSON. Each costs an exception, and a
    /// program could write millions.
    /// </summary>
    const int BrokenLinesAtMost = 100;

    readonly byte[] _line = new byte[LongestLine];
    int _brokenLines;
    byte[]? _room;
    int _length;
    Block _block;

    /// <summary>The last error with a code. The lines "Context:" and "Details:" belong to it.</summary>
    ClwEvent? _last;

    /// <summary>Creates a log of one file.</summary>
    public ClwLog(TimeProvider clock)
        : this(new ClwTally(clock)) { }

    /// <summary>The position of the log in an error block.</summary>
    enum Block
    {
        /// <summary>The log is in no block.</summary>
        None,

        /// <summary>The log is after "[OpenClaw Error]", before a code.</summary>
        Headed,

        /// <summary>
        /// The log is after "[OpenClaw Error]" with a code in that line. A code after "Error Code:" is the same error.
        /// </summary>
        HeadedWithCode,

        /// <summary>The log is after the code.</summary>
        Coded,
    }

    /// <summary>The errors counted so far.</summary>
    public ClwErrors Errors => tally.Errors;

    /// <inheritdoc/>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            var end = bytes.IndexOf((byte)'\n');
            var part = end < 0 ? bytes : bytes[..end];
            part = part[..Math.Min(part.Length, LongestLine - _length)];
            part.CopyTo(_line.AsSpan(_length));
            _length += part.Length;
            if (end < 0)
                return;
            EndLine();
            bytes = bytes[(end + 1)..];
        }
    }

    /// <inheritdoc/>
    public void EndFile()
    {
        if (_length > 0)
            EndLine();
        _block = Block.None;
        _brokenLines = 0;
    }

    void EndLine()
    {
        var line = AnsiText.Strip(_line.AsSpan(0, _length)).Trim(" \t\r"u8);
        _length = 0;
        if (_block is Block.Coded or Block.HeadedWithCode && AddTexts(line))
            return;

        var code = ClwCode.FirstIn(line);
        var isHeader = line.IndexOf("[OpenClaw Error]"u8) >= 0;
        if (code is not null && !(_block == Block.HeadedWithCode && !isHeader && code == _last?.Code))
            CountCode(code, line);
        else if (code is null && !isHeader && ErrnoError.MayBeIn(line))
            CountErrno(line);
        _block = (isHeader, code) switch
        {
            (true, null) => Block.Headed,
            (true, _) => Block.HeadedWithCode,
            (false, null) => Block.None,
            (false, _) => Block.Coded,
        };
    }

    /// <summary>Returns the text and the time of a line.</summary>
    ReadOnlySpan<byte> TextOf(ReadOnlySpan<byte> line, out DateTimeOffset? time)
    {
        if (_brokenLines >= BrokenLinesAtMost)
        {
            time = null;
            return line;
        }

        var text = GatewayLine.Read(line, _room ??= new byte[LongestLine], out time, out var isBroken);
        _brokenLines = isBroken ? _brokenLines + 1 : 0;
        return text;
    }

    void CountErrno(ReadOnlySpan<byte> line)
    {
        var text = TextOf(line, out var time);
        if (ErrnoError.FirstIn(text) is { } error)
            tally.Count(error, time);
    }

    void CountCode(string code, ReadOnlySpan<byte> line)
    {
        var text = TextOf(line, out var time);
        _last = tally.Count(code, time);

        // A message in JSON may have the whole block.
        if (!line.StartsWith("{"u8))
            return;
        foreach (var part in text.Split((byte)'\n'))
            _ = AddTexts(text[part]);
    }

    /// <summary>Adds the texts in a line to the last error. Returns false where it has none.</summary>
    bool AddTexts(ReadOnlySpan<byte> line)
    {
        var (context, details) = (Text(line, "Context:"u8), Text(line, "Details:"u8));
        if ((context ?? details) is null)
            return false;
        var seen = _last!;
        _last = tally.Replace(seen, seen with { Context = context ?? seen.Context, Details = details ?? seen.Details });
        return true;
    }

    /// <summary>Returns the text after a key in a line; null when the line does not have the key.</summary>
    static string? Text(ReadOnlySpan<byte> line, ReadOnlySpan<byte> key)
    {
        var at = line.IndexOf(key);
        if (at < 0)
            return null;
        var text = VisibleText.Escape(Encoding.UTF8.GetString(line[(at + key.Length)..].Trim(" \t"u8)));
        return text.Length > LongestText ? text[..LongestText] : text;
    }
}
