namespace OpenClaw.Kernel.Sysctls;

/// <summary>An assignment in a sysctl.d file, as systemd-sysctl understands it.</summary>
/// <param name="Path">The key as a path below /proc/sys, or a glob of such paths.</param>
/// <param name="Value">The value to write; null for "-key" alone, which only excludes the key from globs.</param>
readonly record struct SysctlLine(string Path, string? Value)
{
    /// <summary>True for a glob, which applies to every matching path that is not set by name.</summary>
    public bool IsGlob => Path.AsSpan().ContainsAny('*', '?', '[');

    /// <summary>Parses one line. Returns null for an empty line, a comment, and a line that is no assignment.</summary>
    public static SysctlLine? Parse(string line)
    {
        var text = line.AsSpan().Trim();
        if (text.IsEmpty || text[0] is '#' or ';')
            return null;

        // A leading dash means that a failure is ignored.
        var dashed = text[0] == '-';
        if (dashed)
            text = text[1..];
        var equals = text.IndexOf('=');
        if (equals >= 0)
            return new(PathOf(text[..equals].Trim()), text[(equals + 1)..].Trim().ToString());
        return dashed ? new(PathOf(text), null) : null;
    }

    /// <summary>
    /// Converts a key to a path. In "net.ipv4.conf.eth0/1.forwarding" dots become slashes and slashes become dots,
    /// unless a slash comes first.
    /// </summary>
    public static string PathOf(ReadOnlySpan<char> key)
    {
        var separator = key.IndexOfAny('.', '/');
        return separator < 0 || key[separator] == '/'
            ? key.TrimStart('/').ToString()
            : string.Create(key.Length, key, static (path, key) =>
            {
                for (var i = 0; i < key.Length; i++)
                {
                    path[i] = key[i] switch
                    {
                        '.' => '/',
                        '/' => '.',
                        var other => other,
                    };
                }
            });
    }

    /// <summary>
    /// Returns true for this path, or for a glob that matches it. As in glob(3), a star does not match a slash.
    /// </summary>
    public bool Matches(string path)
    {
        // The last star seen takes one more character whenever the rest does not match.
        var (at, i, star, taken) = (0, 0, -1, 0);
        while (i < path.Length)
        {
            if (at < Path.Length && Path[at] == '*')
            {
                (star, taken) = (at++, i);
            }
            else if (at < Path.Length && MatchesOne(at, path[i], out var next))
            {
                (at, i) = (next, i + 1);
            }
            else if (star < 0 || path[taken] == '/')
            {
                return false;
            }
            else
            {
                (at, i) = (star + 1, ++taken);
            }
        }

        return Path.AsSpan(at).TrimStart('*').IsEmpty;
    }

    /// <summary>Matches a character, a question mark or a set in brackets.</summary>
    /// <param name="at">The place in the pattern.</param>
    /// <param name="c">The character of the path.</param>
    /// <param name="next">The place after it in the pattern.</param>
    bool MatchesOne(int at, char c, out int next)
    {
        next = at + 1;
        var end = Path[at] == '[' ? Path.IndexOf(']', Math.Min(at + 2, Path.Length)) : -1;
        if (end < 0)
            return Path[at] == '?' ? c != '/' : Path[at] == c;
        next = end + 1;
        var set = Path.AsSpan(at + 1, end - at - 1);
        var excludes = set[0] == '!';
        var contains = false;
        for (set = excludes ? set[1..] : set; !set.IsEmpty; )
        {
            var isRange = set is [_, '-', _, ..];
            contains |= isRange ? c >= set[0] && c <= set[2] : c == set[0];
            set = set[(isRange ? 3 : 1)..];
        }

        return contains != excludes && c != '/';
    }
}
