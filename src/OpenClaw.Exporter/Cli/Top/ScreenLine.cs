using System.Text;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Cli.Top;

/// <summary>The styles of text on the screen, in the numbers of Select Graphic Rendition (ECMA-48, 8.3.117).</summary>
enum Ink
{
    /// <summary>The terminal's own.</summary>
    Plain = 0,

    /// <summary>Emphasis.</summary>
    Bold = 1,

    /// <summary>Text of less importance.</summary>
    Faint = 2,

    /// <summary>The selected row or tab.</summary>
    Reverse = 7,

    /// <summary>Critical.</summary>
    Red = 31,

    /// <summary>OK.</summary>
    Green = 32,

    /// <summary>Warning.</summary>
    Yellow = 33,

    /// <summary>Unknown.</summary>
    Magenta = 35,
}

/// <summary>
/// A line of the screen. Every text passes here on its way to the terminal, so here control characters become visible.
/// </summary>
sealed class ScreenLine
{
    readonly List<(string Text, Ink Ink)> _parts = [];

    /// <summary>Creates an empty line.</summary>
    public ScreenLine() { }

    /// <summary>Creates a line.</summary>
    public ScreenLine(string text, Ink ink = Ink.Plain) => Add(text, ink);

    /// <summary>The number of columns.</summary>
    public int Length { get; private set; }

    /// <summary>Adds a text at the end.</summary>
    public ScreenLine Add(string text, Ink ink = Ink.Plain)
    {
        // A lone surrogate would become another character on its way, of another width.
        var visible = VisibleText.Escape(text);
        if (visible.Any(char.IsSurrogate))
            visible = string.Concat(visible.EnumerateRunes());
        if (visible.Length > 0)
            _parts.Add((visible, ink));
        Length += Columns.Count(visible);
        return this;
    }

    /// <summary>Adds spaces up to a column.</summary>
    public ScreenLine Until(int column) => Add(new(' ', Math.Max(0, column - Length)));

    /// <summary>Returns the line for a terminal.</summary>
    /// <param name="columns">The width; longer lines are cut.</param>
    /// <param name="glyphs">The characters that the terminal can show.</param>
    /// <param name="inColour">True to use the escape codes of styles.</param>
    public string Render(int columns, Glyphs glyphs, bool inColour)
    {
        var line = new StringBuilder();
        var left = columns;
        foreach (var (text, ink) in _parts)
        {
            var isLast = Columns.Count(text) > left;
            var cut = Columns.Cut(text, left, glyphs.Cut);
            left -= Columns.Count(cut);
            if (inColour && ink != Ink.Plain)
                line.Append(System.Globalization.CultureInfo.InvariantCulture, $"\e[{(int)ink}m{cut}\e[0m");
            else
                line.Append(cut);
            if (isLast || left <= 0)
                break;
        }

        return line.ToString().TrimEnd(' ');
    }
}
