using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Files;

/// <summary>A path in which * stands for any characters of a name, and ? for one.</summary>
static class PathPattern
{
    static readonly EnumerationOptions Listing = new()
    {
        IgnoreInaccessible = false,
        AttributesToSkip = FileAttributes.None,
        MatchType = MatchType.Simple,
    };

    /// <summary>Returns true for a pattern, false for a path.</summary>
    public static bool HasWildcards(string path) => path.AsSpan().ContainsAny('*', '?');

    /// <summary>Returns the paths that match.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="atMost">The limit on paths.</param>
    /// <param name="failure">The first folder that could not be listed; null when every folder could.</param>
    public static List<string> Expand(string pattern, int atMost, out Missing? failure)
    {
        failure = null;
        List<string> found = ["/"];
        var isCertain = true;
        foreach (var part in Path.GetFullPath(pattern).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!HasWildcards(part))
            {
                found = found.ConvertAll(folder => Path.Combine(folder, part));
                continue;
            }

            var matches = new List<string>();
            foreach (var folder in found)
            {
                if (
                    List(folder, part, atMost - matches.Count, matches) is { } missing
                    && (isCertain || missing.IsUnseen && !File.Exists(folder))
                )
                {
                    failure ??= FileAccessDenial.Explain(missing, folder);
                }
            }

            (found, isCertain) = (matches, false);
        }

        return found;
    }

    static Missing? List(string folder, string part, int atMost, List<string> matches)
    {
        try
        {
            matches.AddRange(Directory.EnumerateFileSystemEntries(folder, part, Listing).Take(atMost));
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return new(Absence.NotPresent, $"{folder}: no such folder");
        }
        catch (UnauthorizedAccessException)
        {
            return new(Absence.NotPermitted, $"{folder}: no permission to list its files");
        }
        catch (IOException error)
        {
            return new(Absence.Failed, $"{folder}: {error.Message}");
        }
    }
}
