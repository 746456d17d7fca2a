using System.Text;

namespace OpenClaw.Exporter.Cli.Top;

/// <summary>The kinds of keys.</summary>
enum KeyKind
{
    /// <summary>A letter, digit or sign.</summary>
    Letter,

    /// <summary>The cursor key up.</summary>
    Up,

    /// <summary>The cursor key down.</summary>
    Down,

    /// <summary>The cursor key to the left, or Shift+Tab.</summary>
    Left,

    /// <summary>The cursor key to the right, or Tab.</summary>
    Right,

    /// <summary>A page up.</summary>
    PageUp,

    /// <summary>A page down.</summary>
    PageDown,

    /// <summary>The first row.</summary>
    Home,

    /// <summary>The last row.</summary>
    End,

    /// <summary>Enter.</summary>
    Enter,

    /// <summary>Backspace.</summary>
    Backspace,

    /// <summary>Escape.</summary>
    Escape,
}

/// <summary>A key that was pressed.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Letter">The letter of <see cref="KeyKind.Letter"/>.</param>
readonly record struct Key(KeyKind Kind, char Letter = '\0')
{
    /// <summary>Returns the keys in bytes from a terminal. Unknown escape sequences are no keys.</summary>
    public static IEnumerable<Key> Parse(byte[] bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '\e')
            {
                if (Plain(text[at]) is { } key)
                    yield return key;
                continue;
            }

            if (at + 1 >= text.Length || text[at + 1] is not ('[' or 'O'))
            {
                yield return new(KeyKind.Escape);
                continue;
            }

            // A sequence ends at its first byte from @ to ~ (ECMA-48, 5.4).
            var end = at + 2;
            while (end < text.Length && text[end] is < '@' or > '~')
                end++;
            if (end < text.Length && Named(text[(at + 2)..(end + 1)]) is { } named)
                yield return new(named);
            at = end;
        }
    }

    static Key? Plain(char letter) =>
        letter switch
        {
            '\r' or '\n' => new(KeyKind.Enter),
            '\t' => new(KeyKind.Right),
            '\b' or '\x7f' => new(KeyKind.Backspace),
            '\x02' => new(KeyKind.PageUp),
            '\x06' => new(KeyKind.PageDown),
            _ => char.IsControl(letter) ? null : new(KeyKind.Letter, letter),
        };

    static KeyKind? Named(string sequence) =>
        sequence switch
        {
            "A" => KeyKind.Up,
            "B" => KeyKind.Down,
            "C" => KeyKind.Right,
            "D" or "Z" => KeyKind.Left,
            "H" or "1~" or "7~" => KeyKind.Home,
            "F" or "4~" or "8~" => KeyKind.End,
            "5~" => KeyKind.PageUp,
            "6~" => KeyKind.PageDown,
            _ => null,
        };
}
