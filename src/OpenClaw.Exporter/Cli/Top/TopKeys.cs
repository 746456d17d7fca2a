namespace OpenClaw.Exporter.Cli.Top;

/// <summary>The keys of top in words.</summary>
static class TopKeys
{
    static readonly (string Keys, string Text)[] All =
    [
        ("1 to 4, Tab", "Show pools, destinations, processes or namespaces."),
        ("Up, Down, j, k", "Select a row, or scroll."),
        ("Page Up, Page Down", "Move by a page. Home and End move to the ends."),
        ("Enter", "Show the details of the selected row; go back."),
        ("f", "Show the remedy of the row. Left and Right show others."),
        ("s, r", "Sort by fullest, most used or name. Reverse it."),
        ("/", "Show only rows with a text. Esc shows all again."),
        ("p", "Pause."),
        ("q", "Quit."),
    ];

    /// <summary>Returns the bottom line of a view: its keys.</summary>
    public static string Foot(Pane pane) =>
        pane switch
        {
            Pane.Overview => "f fix  Enter detail  / filter  s sort  ? keys  q quit",
            Pane.Fix => "Left, Right other problem  Up, Down scroll  Esc back  q quit",
            _ => "Up, Down scroll  Esc back  q quit",
        };

    /// <summary>Returns the view of all keys.</summary>
    public static List<ScreenLine> Help()
    {
        var lines = new List<ScreenLine> { new("Keys", Ink.Bold) };
        foreach (var (keys, text) in All)
            lines.Add(new ScreenLine("  " + keys, Ink.Bold).Until(24).Add(text));
        return lines;
    }
}
