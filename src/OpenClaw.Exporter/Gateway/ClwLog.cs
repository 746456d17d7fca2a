using System.Collections.Immutable;
using System.Text;
using OpenClaw.Kernel.Files;

namespace OpenClaw.Exporter.Gateway;

/// <summary>
/// Counts the errors in an OpenClaw log. An error is a line with a code, bare or as "Error Code: clw-…" or
/// "code=clw-…". The lines "Context:" and "Details:" after it belong to it. Only the first 8 KiB of a line are read.
/// </summary>
sealed class ClwLog(TimeProvider clock) : IFileReceiver
{
    const int LongestLine = 8 * 1024;
    const int LongestText = 500;

    /// <summary>The limit on errors that are kept with their texts.</summary>
    const int RecentAtMost = 5;

    /// <summary>
    /// The limit on unknown codes that are counted by name. Any program may write to a log, and each code is a series.
    /// </summary>
    public const int OtherCodesAtMost = 5;

    /// <summary>The name under which errors with codes beyond <see cref="OtherCodesAtMost"/> are counted.</summary>
    const string Rest = "other";

    readonly byte[] _line = new byte[LongestLine];
    int _length;
    ImmutableList<ClwEvent> _recent = [];
    Block _block;
    ImmutableSortedDictionary<string, long> _counts = ClwCodes.All.ToImmutableSortedDictionary(
        static code => code,
        static _ => 0L,
        StringComparer.Ordinal
    );

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
    public ClwErrors Errors => new(_counts, [.. _recent]);

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
    }

    void EndLine()
    {
        var line = _line.AsSpan(0, _length).Trim(" \t\r"u8);
        _length = 0;
        if (
            _block is Block.Coded or Block.HeadedWithCode
            && (Text(line, "Context:"u8), Text(line, "Details:"u8)) is var (context, details)
            && (context ?? details) is not null
        )
        {
            _recent = _recent.SetItem(
                0,
                _recent[0] with
                {
                    Context = context ?? _recent[0].Context,
                    Details = details ?? _recent[0].Details,
                }
            );
            return;
        }

        var code = ClwCode.FirstIn(line);
        var isHeader = line.IndexOf("[OpenClaw Error]"u8) >= 0;
        if (code is not null && !(_block == Block.HeadedWithCode && !isHeader && code == _recent[0].Code))
            Count(code);
        _block = (isHeader, code) switch
        {
            (true, null) => Block.Headed,
            (true, _) => Block.HeadedWithCode,
            (false, null) => Block.None,
            (false, _) => Block.Coded,
        };
    }

    void Count(string code)
    {
        var known = _counts.ContainsKey(code) || _counts.Count < ClwCodes.All.Length + OtherCodesAtMost;
        var name = known ? code : Rest;
        _counts = _counts.SetItem(name, _counts.GetValueOrDefault(name) + 1);
        _recent = _recent.Insert(0, new(clock.GetUtcNow(), code, "", ""));
        if (_recent.Count > RecentAtMost)
            _recent = _recent.RemoveAt(RecentAtMost);
    }

    /// <summary>Returns the text after a key in a line; null when the line does not have the key.</summary>
    static string? Text(ReadOnlySpan<byte> line, ReadOnlySpan<byte> key)
    {
        var at = line.IndexOf(key);
        if (at < 0)
            return null;
        var text = Encoding.UTF8.GetString(line[(at + key.Length)..].Trim(" \t"u8));
        return text.Length > LongestText ? text[..LongestText] : text;
    }
}
