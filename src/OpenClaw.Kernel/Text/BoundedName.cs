using System.Globalization;
using System.Text;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Text;

/// <summary>A name that any user chooses, short enough for a label.</summary>
public static class BoundedName
{
    /// <summary>
    /// Returns a name of at most <see cref="Bounds.NameBytes"/> as it is. A longer one is cut at a character, and gets
    /// "…" and a hash of the whole, so that different names stay different.
    /// </summary>
    public static string Shorten(string name)
    {
        // A character has at most three bytes for each of its UTF-16 units.
        if (name.Length <= Bounds.NameBytes / 3 || Encoding.UTF8.GetByteCount(name) <= Bounds.NameBytes)
            return name;
        var (length, bytes) = (0, 0);
        foreach (var rune in name.EnumerateRunes())
        {
            if ((bytes += rune.Utf8SequenceLength) > Bounds.NameBytes)
                break;
            length += rune.Utf16SequenceLength;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{name.AsSpan(0, length)}…{Hash(name):x8}");
    }

    /// <summary>FNV-1a of 32 bits: the same in each run, unlike the hash of the runtime.</summary>
    static uint Hash(string name)
    {
        var hash = 2166136261u;
        foreach (var unit in name)
            hash = (hash ^ unit) * 16777619u;
        return hash;
    }
}
