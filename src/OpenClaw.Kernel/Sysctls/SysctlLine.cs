using System.Text;
using System.Text.RegularExpressions;

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
        if (!IsGlob)
            return Path == path;
        var pattern = new StringBuilder("^");
        for (var i = 0; i < Path.Length; i++)
        {
            var end = Path[i] == '[' ? Path.IndexOf(']', Math.Min(i + 2, Path.Length)) : -1;
            if (end > 0)
            {
                var set = Path[(i + 1)..end].Replace("\\", "\\\\", StringComparison.Ordinal);
                pattern.Append('[').Append(set[0] == '!' ? "^" + set[1..] : set).Append(']');
                i = end;
            }
            else
            {
                pattern.Append(
                    Path[i] switch
                    {
                        '*' => "[^/]*",
                        '?' => "[^/]",
                        var other => Regex.Escape(other.ToString()),
                    }
                );
            }
        }

        try
        {
            return Regex.IsMatch(
                path,
                pattern.Append("\\z").ToString(),
                RegexOptions.NonBacktracking | RegexOptions.CultureInvariant
            );
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
