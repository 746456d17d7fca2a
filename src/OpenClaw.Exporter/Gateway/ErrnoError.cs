using System.Buffers;
using System.Text;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Gateway;

/// <summary>An error of the Gateway with an errno.</summary>
/// <param name="Row">The kind of error.</param>
/// <param name="Context">The call and its target, such as "connect to 10.0.0.5:443", in one line; empty where the text
/// has neither.</param>
/// <param name="Details">The errno, or the text that stands for it.</param>
sealed record ErrnoError(ErrnoRow Row, string Context, string Details)
{
    const int LongestTarget = 200;

    /// <summary>The part of a text before an errno that is searched for the call.</summary>
    const int LongestLead = 120;

    /// <summary>The limit on errnos that are tried in a line.</summary>
    const int ErrnosAtMost = 8;

    static readonly SearchValues<byte> PlainWords = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ -"u8
    );

    /// <summary>Returns false for a line that has no error with an errno.</summary>
    public static bool MayBeIn(ReadOnlySpan<byte> line)
    {
        foreach (var word in ErrnoTable.Words)
        {
            if (line.IndexOf(word) >= 0)
                return true;
        }

        return line.IndexOf(ErrnoTable.AnotherGateway) >= 0;
    }

    /// <summary>
    /// Returns the first error in the text of a line, preferably one with its call; null for none.
    /// </summary>
    public static ErrnoError? FirstIn(ReadOnlySpan<byte> text)
    {
        ErrnoError? bare = null;
        var at = 0;
        for (var i = 0; i < ErrnosAtMost; i++)
        {
            var (start, length) = NextErrno(text, at);
            if (start < 0)
                break;
            at = start + length;
            if (Create(text, start, length, out var call) is not { } error)
                continue;
            if (call != LogCall.Other)
                return error;
            bare ??= error;
        }

        var another = text.IndexOf(ErrnoTable.AnotherGateway);
        return another < 0
            ? bare
            : new(
                ErrnoTable.ListenRow,
                Describe(LogCall.Listen, ErrnoClause.Address(text[(another + ErrnoTable.AnotherGateway.Length)..]), ""),
                Encoding.ASCII.GetString(ErrnoTable.AnotherGateway)
            );
    }

    /// <summary>Returns the place of the next errno that is a word of its own; −1 for none.</summary>
    static (int Start, int Length) NextErrno(ReadOnlySpan<byte> text, int from)
    {
        var (first, length) = (-1, 0);
        foreach (var word in ErrnoTable.Words)
        {
            var end = first < 0 ? text.Length : first;
            var at = LogWords.IndexOf(text[..end], word, from, text);
            if (at >= 0)
                (first, length) = (at, word.Length);
        }

        return (first, length);
    }

    static ErrnoError? Create(ReadOnlySpan<byte> text, int start, int length, out LogCall call)
    {
        var errno = text.Slice(start, length);
        var before = text[Math.Max(0, start - LongestLead)..start];
        before = before[(before.LastIndexOf((byte)'\n') + 1)..];
        call = LogCall.Other;

        // Node prints the members of an error below its message. The message is counted.
        if (before.TrimStart(" \t"u8).SequenceEqual("code: '"u8))
            return null;
        var clause = ErrnoClause.Read(before, text[(start + length)..], errno);
        call = clause.Call;
        return ErrnoTable.Find(errno, call) is not { } row
            ? null
            : new(row, Describe(clause.Call, clause.Target, Lead(before)), Encoding.ASCII.GetString(errno));
    }

    static string Describe(LogCall call, ReadOnlySpan<byte> target, string lead)
    {
        var verb = call switch
        {
            LogCall.Connect => "connect to",
            LogCall.Listen => "listen on",
            LogCall.Bind => "bind to",
            _ => SnakeCase.Convert(call),
        };
        if (call == LogCall.Other)
            return target.IsEmpty ? lead : Decode(target);
        if (target.IsEmpty)
            return call is LogCall.Connect or LogCall.Listen or LogCall.Bind ? SnakeCase.Convert(call) : verb;
        return $"{verb} {Decode(target)}";
    }

    /// <summary>
    /// Returns the words between the last colon and an errno, such as "Worker initialization failure"; empty where they
    /// are more than plain words. An address or a path in them may be a secret.
    /// </summary>
    static string Lead(ReadOnlySpan<byte> before)
    {
        var rest = before.TrimEnd(" :(["u8);
        var at = rest.LastIndexOf(": "u8);
        var words = at < 0 ? rest : rest[(at + 2)..];
        return words.ContainsAnyExcept(PlainWords) ? "" : Decode(words);
    }

    static string Decode(ReadOnlySpan<byte> text)
    {
        var whole = VisibleText.Escape(OneLine.From(Encoding.UTF8.GetString(text)));
        return whole.Length > LongestTarget ? whole[..LongestTarget] : whole;
    }
}
