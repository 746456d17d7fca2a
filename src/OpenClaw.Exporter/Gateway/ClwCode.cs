using System.Buffers;
using System.Text;

namespace OpenClaw.Exporter.Gateway;

/// <summary>Finds an OpenClaw error code in a line of text: "clw-" and lower-case words joined by hyphens.</summary>
static class ClwCode
{
    const int Longest = 64;

    static readonly SearchValues<byte> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-"u8);

    /// <summary>
    /// The characters that cannot be next to a code: it is not part of a longer word (openclw-x), a path, or an address
    /// of documentation.
    /// </summary>
    static readonly SearchValues<byte> NotBefore = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./#"u8
    );

    /// <summary>Returns the first code; null when there is none.</summary>
    public static string? FirstIn(ReadOnlySpan<byte> line)
    {
        var prefix = "clw-"u8;
        for (var rest = line; rest.IndexOf(prefix) is var at and >= 0; )
        {
            var before = line.Length - rest.Length + at - 1;
            rest = rest[at..];
            var end = rest.IndexOfAnyExcept(Letters);
            var code = (end < 0 ? rest : rest[..end]).TrimEnd((byte)'-');
            if (
                code.Length > prefix.Length
                && code.Length <= Longest
                && (before < 0 || !NotBefore.Contains(line[before]))
            )
            {
                return Encoding.ASCII.GetString(code);
            }

            rest = rest[prefix.Length..];
        }

        return null;
    }
}
