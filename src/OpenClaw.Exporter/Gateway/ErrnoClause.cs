namespace OpenClaw.Exporter.Gateway;

/// <summary>The call and the target in the text around an errno.</summary>
/// <param name="call">The call.</param>
/// <param name="target">The address, path, program or name, for another call the name of the call; empty where the text
/// has none.</param>
readonly ref struct ErrnoClause(LogCall call, ReadOnlySpan<byte> target)
{
    /// <summary>The number of words after an errno among which its address is.</summary>
    const int WordsBeforeAddress = 8;

    public LogCall Call { get; } = call;

    public ReadOnlySpan<byte> Target { get; } = target;

    /// <summary>
    /// Reads the text around an errno. Node has three forms: "connect ECODE 10.0.0.5:443", "spawn /bin/sh ECODE" and
    /// "ECODE: too many open files, watch '/path'".
    /// </summary>
    /// <param name="before">The text before it, in the same line.</param>
    /// <param name="after">The text after it.</param>
    /// <param name="errno">The errno.</param>
    public static ErrnoClause Read(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after, ReadOnlySpan<byte> errno)
    {
        var line = after.IndexOf((byte)'\n') is var end and >= 0 ? after[..end] : after;
        if (LogCalls.Named(LogWords.Last(before)) is var direct and not LogCall.Other)
            return new(direct, TargetAfter(direct, line));

        // "ECODE: a description, call 'target'"
        var comma = line.IndexOf(", "u8);
        var name = line.StartsWith(":"u8) && comma >= 0 ? LogWords.First(line[(comma + 2)..]) : default;
        if (LogCalls.Named(name) is var named and not LogCall.Other)
            return new(named, Quoted(line[comma..]));

        // "spawn program ECODE"
        if (LogCalls.EndOfSpawn(before) is var spawn and >= 0)
        {
            var program = before[spawn..].Trim(" :'\""u8);
            return new(LogCall.Spawn, program.Contains((byte)' ') ? default : program);
        }

        // A full disk and a full table of watches have the same errno.
        return errno.SequenceEqual("ENOSPC"u8) && (LogCalls.SpeakOfWatch(before) || LogCalls.SpeakOfWatch(line))
            ? new(LogCall.Watch, Quoted(line))
            : new(LogCall.Other, name);
    }

    /// <summary>Returns the first address or absolute path among the next words; empty for none.</summary>
    public static ReadOnlySpan<byte> Address(ReadOnlySpan<byte> text)
    {
        var rest = text;
        for (var i = 0; i < WordsBeforeAddress && !rest.IsEmpty; i++)
        {
            rest = rest.TrimStart((byte)' ');
            var end = rest.IndexOfAny((byte)' ', (byte)'\n');
            var word = Authority((end < 0 ? rest : rest[..end]).Trim("(\"',;})"u8).TrimEnd((byte)'.'));
            if (word.StartsWith("/"u8) || (word.Contains((byte)':') && word.ContainsAnyInRange((byte)'0', (byte)'9')))
                return word;
            rest = end < 0 ? default : rest[end..];
        }

        return default;
    }

    /// <summary>
    /// Returns the host and port of a URL, any other word as it is. The path of a URL, or its user, may be a secret.
    /// </summary>
    static ReadOnlySpan<byte> Authority(ReadOnlySpan<byte> word)
    {
        var scheme = word.IndexOf("://"u8);
        if (scheme < 0)
            return word;
        var rest = word[(scheme + 3)..];
        var end = rest.IndexOfAny((byte)'/', (byte)'?', (byte)'#');
        rest = end < 0 ? rest : rest[..end];
        return rest[(rest.LastIndexOf((byte)'@') + 1)..];
    }

    static ReadOnlySpan<byte> TargetAfter(LogCall call, ReadOnlySpan<byte> line)
    {
        switch (call)
        {
            case LogCall.Open or LogCall.Watch:
                return Quoted(line);
            case LogCall.Connect or LogCall.Listen or LogCall.Bind:
                return Address(line);
            case LogCall.Resolve:
                var rest = line.TrimStart(" :"u8);
                var end = rest.IndexOf((byte)' ');
                return (end < 0 ? rest : rest[..end]).Trim("(\"',;)"u8);
            default:
                return default;
        }
    }

    /// <summary>Returns the text in the first pair of quotes; empty for none.</summary>
    static ReadOnlySpan<byte> Quoted(ReadOnlySpan<byte> text)
    {
        var start = text.IndexOf((byte)'\'');
        if (start < 0)
            return default;
        var rest = text[(start + 1)..];
        var end = rest.IndexOf((byte)'\'');
        return end < 0 ? rest : rest[..end];
    }
}
