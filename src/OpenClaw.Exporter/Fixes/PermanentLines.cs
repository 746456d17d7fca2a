using System.Text;
using OpenClaw.Exporter.Remedies;

namespace OpenClaw.Exporter.Fixes;

/// <summary>
/// The lines that make changes permanent, in files of this program. Lines by others stay as they are.
/// </summary>
static class PermanentLines
{
    const string Header = "# Written by openclaw-exporter fix; openclaw-exporter fix --undo restores the file.";

    /// <summary>
    /// Returns the text of a sysctl.d file with a new value. A key is never in it twice. A comment has the value that
    /// was there before the first change.
    /// </summary>
    /// <param name="text">The present text; empty where there is no file.</param>
    /// <param name="change">The change.</param>
    public static string WithSysctl(string text, SysctlChange change)
    {
        var lines = LinesOf(text);
        var was = $"# {change.Key} was ";
        var at = lines.FindIndex(line => KeyOf(line) == change.Key);
        lines.RemoveAll(line => KeyOf(line) == change.Key);
        if (at < 0)
            at = lines.Count;
        if (!lines.Exists(line => line.StartsWith(was, StringComparison.Ordinal)))
            lines.Insert(at++, was + (change.Old is { Length: > 0 } old ? old : "empty"));
        lines.Insert(at, change.Line);
        return Joined(lines);
    }

    /// <summary>Returns the text of a drop-in of a systemd unit with a limit on open files.</summary>
    /// <inheritdoc cref="WithSysctl"/>
    public static string WithLimit(string text, ProcessLimitChange change)
    {
        const string section = "[Service]";
        const string key = "LimitNOFILE";
        var lines = LinesOf(text);
        var at = lines.FindIndex(static line => KeyOf(line) == key);
        lines.RemoveAll(static line => KeyOf(line) == key);
        if (at < 0)
        {
            // systemd joins sections of the same name, so a further one at the end is as good as the first.
            if (lines.FindLast(static line => line.StartsWith('[')) != section)
                lines.Add(section);
            at = lines.Count;
        }

        if (!lines.Exists(static line => line.StartsWith($"# {key} was ", StringComparison.Ordinal)))
            lines.Insert(at++, $"# {key} was {change.Before ?? "unknown"}");
        lines.Insert(at, change.KeptBy);
        return Joined(lines);
    }

    /// <summary>Returns the key of a line of either kind of file; empty for a comment.</summary>
    static string KeyOf(string line)
    {
        var key = line.TrimStart().TrimStart('-').Split('=')[0].Trim();
        return line.Contains('=', StringComparison.Ordinal) && !key.StartsWith('#') && !key.StartsWith(';')
            ? key.Replace('/', '.')
            : "";
    }

    static List<string> LinesOf(string text)
    {
        if (text.Length == 0)
            return [Header];
        var lines = text.Split('\n').ToList();
        if (lines[^1].Length == 0)
            lines.RemoveAt(lines.Count - 1);
        return lines;
    }

    static string Joined(List<string> lines) => new StringBuilder().AppendJoin('\n', lines).Append('\n').ToString();
}
