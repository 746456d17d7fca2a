namespace OpenClaw.Testing;

/// <summary>Committed text that the code renders, so that each fact is written down once.</summary>
static class GeneratedFile
{
    const string Update = "OPENCLAW_UPDATE_GENERATED";

    /// <summary>True where committed text is to be written anew instead of compared.</summary>
    public static bool IsUpdated => Environment.GetEnvironmentVariable(Update) == "1";

    /// <summary>
    /// Fails when the committed file differs. Writes the file instead when OPENCLAW_UPDATE_GENERATED is 1.
    /// </summary>
    public static void AssertCurrent(string path, string rendered)
    {
        var file = Repository.PathOf(path);
        if (IsUpdated)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, rendered);
            return;
        }

        var committed = File.Exists(file) ? File.ReadAllText(file) : "";
        Assert.True(
            committed == rendered,
            $"{path} is not what the code renders; run the tests with {Update}=1 and commit it. Rendered:\n{rendered}"
        );
    }

    /// <summary>
    /// Replaces the text between the line <c>&lt;!-- generated: name --&gt;</c> and the next <c>&lt;!-- end --&gt;</c>.
    /// </summary>
    public static string Replaced(string path, string text, string name, string rendered)
    {
        const string end = "<!-- end -->";
        var begin = $"<!-- generated: {name} -->\n";
        var from = text.IndexOf(begin, StringComparison.Ordinal);
        Assert.True(from >= 0, $"{path}: expected a line '{begin.Trim()}'");
        from += begin.Length;
        var to = text.IndexOf(end, from, StringComparison.Ordinal);
        Assert.True(to >= 0, $"{path}: expected a line '{end}' behind '{begin.Trim()}'");
        return string.Concat(text.AsSpan(0, from), rendered, text.AsSpan(to));
    }

    /// <summary>Renders a Markdown table.</summary>
    public static string Table(string[] head, IEnumerable<string[]> rows) =>
        string.Concat(rows.Prepend([.. head.Select(static _ => "---")]).Prepend(head).Select(Row));

    static string Row(string[] cells)
    {
        var escaped = cells.Select(static cell => cell.Replace("|", "\\|", StringComparison.Ordinal));
        return $"| {string.Join(" | ", escaped)} |\n";
    }
}
