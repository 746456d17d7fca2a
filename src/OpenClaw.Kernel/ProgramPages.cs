using System.Globalization;
using OpenClaw.Kernel.Interop;

namespace OpenClaw.Kernel;

/// <summary>The pages of this program's file in memory.</summary>
public static class ProgramPages
{
    /// <summary>
    /// Gives the pages back, such as those of the compressed data of the runtime, which is read once. The kernel maps
    /// the ones that are still needed again, from its cache of the file.
    /// </summary>
    public static void ReleaseUnused()
    {
        if (Environment.ProcessPath is not { } program)
            return;
        try
        {
            foreach (var (start, length) in Unchanged(File.ReadLines("/proc/self/smaps"), program))
                _ = SysMman.madvise(start, length, SysMman.MADV_DONTNEED);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            // Without a procfs, a descriptor or memory to read it, the pages stay.
        }
    }

    /// <summary>
    /// Parses /proc/PID/smaps. Returns the parts of memory that nothing can write, and whose pages are all those of the
    /// program's file. A page that the loader relocated is another one, and must stay.
    /// </summary>
    internal static IEnumerable<(nint Start, nint Length)> Unchanged(IEnumerable<string> smaps, string program)
    {
        (nint Start, nint Length)? part = null;
        foreach (var line in smaps)
        {
            var fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
            if (fields is ["Anonymous:", "0", "kB"] && part is { } unchanged)
                yield return unchanged;
            else if (fields is [var range, "r--p" or "r-xp", _, _, _, var path] && path.TrimStart() == program)
                part = Parse(range);
            else if (fields is [_, { Length: 4 }, _, _, _, ..])
                part = null;
        }
    }

    static (nint Start, nint Length)? Parse(string range) =>
        range.Split('-') is [var first, var last]
        && nint.TryParse(first, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var start)
        && nint.TryParse(last, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var end)
            ? (start, end - start)
            : null;
}
