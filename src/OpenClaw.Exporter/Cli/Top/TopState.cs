using System.Collections.Immutable;

namespace OpenClaw.Exporter.Cli.Top;

/// <summary>The choices that the user made with keys.</summary>
sealed class TopState
{
    /// <summary>The limit on the length of a filter.</summary>
    const int LongestFilter = 60;

    /// <summary>The tab.</summary>
    public Tab Tab { get; private set; }

    /// <summary>The order of rows.</summary>
    public RowOrder Order { get; private set; }

    /// <summary>True to show the rows in the reverse order.</summary>
    public bool IsReversed { get; private set; }

    /// <summary>The text that shown rows contain; empty for all rows.</summary>
    public string Filter { get; private set; } = "";

    /// <summary>True while the filter is typed.</summary>
    public bool IsTyping { get; private set; }

    /// <summary>True while new readings are not shown.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>The view.</summary>
    public Pane Pane { get; private set; }

    /// <summary>The number of the problem whose remedy is shown.</summary>
    public int Problem { get; private set; }

    /// <summary>The first line of a detail or remedy that is shown.</summary>
    public int Scroll { get; private set; }

    /// <summary>The name of the selected row; null for the first row.</summary>
    public string? Selected { get; private set; }

    /// <summary>Returns the place of the selected row.</summary>
    public int PlaceOf(ImmutableArray<TopRow> rows)
    {
        for (var at = 0; Selected is not null && at < rows.Length; at++)
        {
            if (rows[at].Name == Selected)
                return at;
        }

        return 0;
    }

    /// <summary>Obeys a key. Returns false to end.</summary>
    /// <param name="key">The key.</param>
    /// <param name="rows">The rows of the tab.</param>
    /// <param name="problemOf">Returns the number of the problem of a row; 0 for the worst one.</param>
    /// <param name="page">The lines of a page.</param>
    public bool Press(Key key, ImmutableArray<TopRow> rows, Func<TopRow?, int> problemOf, int page)
    {
        if (IsTyping)
        {
            Type(key);
            return true;
        }

        if (key.Kind == KeyKind.Letter)
            return Press(key.Letter, rows, problemOf, page);
        switch (key.Kind)
        {
            case KeyKind.Enter when Pane == Pane.Overview && !rows.IsEmpty:
                Open(Pane.Detail);
                Selected = rows[PlaceOf(rows)].Name;
                break;
            case KeyKind.Escape when Pane == Pane.Overview:
                Filter = "";
                break;
            case KeyKind.Enter or KeyKind.Escape or KeyKind.Backspace:
                Open(Pane.Overview);
                break;
            case KeyKind.Left or KeyKind.Right:
                Turn(key.Kind == KeyKind.Left ? -1 : 1);
                break;
            case KeyKind.Up:
                Move(-1, rows);
                break;
            case KeyKind.Down:
                Move(1, rows);
                break;
            case KeyKind.PageUp:
                Move(-page, rows);
                break;
            case KeyKind.PageDown:
                Move(page, rows);
                break;
            case KeyKind.Home:
                Move(-int.MaxValue, rows);
                break;
            case KeyKind.End:
                Move(int.MaxValue, rows);
                break;
        }

        return true;
    }

    /// <summary>Keeps the scrolled text in sight, where it has become shorter.</summary>
    public void LimitScroll(int last) => Scroll = Math.Clamp(Scroll, 0, Math.Max(0, last));

    /// <summary>Keeps the number of the problem in its range, where problems have ended.</summary>
    public void LimitProblem(int count) => Problem = count == 0 ? 0 : (Problem % count + count) % count;

    bool Press(char letter, ImmutableArray<TopRow> rows, Func<TopRow?, int> problemOf, int page)
    {
        switch (letter)
        {
            case 'q':
                return false;
            case >= '1' and <= '4':
                Show((Tab)(letter - '1'));
                break;
            case 's':
                Order = Order == RowOrder.Name ? RowOrder.Fullest : Order + 1;
                break;
            case 'r':
                IsReversed = !IsReversed;
                break;
            case '/':
                Open(Pane.Overview);
                IsTyping = true;
                break;
            case 'p':
                IsPaused = !IsPaused;
                break;
            case 'f':
                if (Pane != Pane.Fix)
                    Problem = problemOf(rows.IsEmpty ? null : rows[PlaceOf(rows)]);
                Open(Pane == Pane.Fix ? Pane.Overview : Pane.Fix);
                break;
            case '?' or 'h':
                Open(Pane == Pane.Help ? Pane.Overview : Pane.Help);
                break;
            case 'j':
                Move(1, rows);
                break;
            case 'k':
                Move(-1, rows);
                break;
            case ' ':
                Move(page, rows);
                break;
            case 'g':
                Move(-int.MaxValue, rows);
                break;
            case 'G':
                Move(int.MaxValue, rows);
                break;
        }

        return true;
    }

    void Type(Key key)
    {
        switch (key.Kind)
        {
            case KeyKind.Letter when Filter.Length < LongestFilter:
                Filter += key.Letter;
                break;
            case KeyKind.Backspace when Filter.Length > 0:
                Filter = Filter[..^1];
                break;
            case KeyKind.Escape:
                Filter = "";
                IsTyping = false;
                break;
            case KeyKind.Enter:
                IsTyping = false;
                break;
        }
    }

    void Open(Pane pane)
    {
        Pane = pane;
        Scroll = 0;
    }

    void Show(Tab tab)
    {
        if (tab != Tab)
            (Selected, Filter) = (null, "");
        Tab = tab;
        Open(Pane.Overview);
    }

    /// <summary>Turns to the next tab, or to the next problem where a remedy is shown.</summary>
    void Turn(int by)
    {
        if (Pane == Pane.Fix)
            (Problem, Scroll) = (Problem + by, 0);
        else
            Show((Tab)(((int)Tab + by + 4) % 4));
    }

    void Move(int by, ImmutableArray<TopRow> rows)
    {
        if (Pane != Pane.Overview)
            Scroll = (int)Math.Clamp((long)Scroll + by, 0, int.MaxValue / 2);
        else if (!rows.IsEmpty)
            Selected = rows[(int)Math.Clamp((long)PlaceOf(rows) + by, 0, rows.Length - 1)].Name;
    }
}
