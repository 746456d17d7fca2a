namespace OpenClaw.Exporter.Gateway;

/// <summary>Removes the colours that a program writes for a terminal.</summary>
static class AnsiText
{
    const byte Escape = 0x1b;

    /// <summary>
    /// Removes the sequences of ECMA-48 that begin with ESC [, and moves the text together. Returns the part of the
    /// span that is left. Any other ESC stays.
    /// </summary>
    public static Span<byte> Strip(Span<byte> text)
    {
        var from = text.IndexOf(Escape);
        if (from < 0)
            return text;
        var to = from;
        while (from < text.Length)
        {
            var length = SequenceLength(text[from..]);
            if (length == 0)
                text[to++] = text[from++];
            from += length;
        }

        return text[..to];
    }

    /// <summary>Returns the length of the sequence at the start of a text; 0 for none.</summary>
    static int SequenceLength(ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith((ReadOnlySpan<byte>)[Escape, (byte)'[']))
            return 0;

        // Parameters and intermediate bytes are 0x20 to 0x3f, and the final byte is 0x40 to 0x7e.
        var length = text[2..].IndexOfAnyExceptInRange((byte)0x20, (byte)0x3f);
        return length >= 0 && text[2 + length] is >= 0x40 and <= 0x7e ? length + 3 : 0;
    }
}
