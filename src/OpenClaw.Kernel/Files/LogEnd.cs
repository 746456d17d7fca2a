using System.Collections.Immutable;

namespace OpenClaw.Kernel.Files;

/// <summary>Reads the ends of a log's newest files. A FIFO is never read: its writer waits for one reader.</summary>
public static class LogEnd
{
    const int FilesAtMost = 1000;
    const int NewestFiles = 2;

    /// <summary>Returns the last whole lines of each file that can be read, the older file first.</summary>
    /// <param name="pattern">A path, or a pattern with * and ? in its names.</param>
    /// <param name="atMost">The limit on bytes of each file.</param>
    public static ImmutableArray<byte[]> Read(string pattern, int atMost)
    {
        var ends = ImmutableArray.CreateBuilder<byte[]>();
        var files = PathPattern.HasWildcards(pattern) ? PathPattern.Expand(pattern, FilesAtMost, out _) : [pattern];
        foreach (var file in files.OrderBy(File.GetLastWriteTimeUtc).TakeLast(NewestFiles))
        {
            if (!RegularFile.ReadEnd(file, atMost).TryGet(out var bytes))
                continue;

            // The first line may be a part of one.
            ends.Add(bytes.Length < atMost ? bytes : bytes[(Array.IndexOf(bytes, (byte)'\n') + 1)..]);
        }

        return ends.ToImmutable();
    }
}
