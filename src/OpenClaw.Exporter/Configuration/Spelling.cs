namespace OpenClaw.Exporter.Configuration;

/// <summary>Suggests the word that was probably meant.</summary>
static class Spelling
{
    /// <summary>The letters of a begin that is close to its whole word.</summary>
    const int BeginAtLeast = 3;

    /// <summary>Returns ", did you mean 'x'?" for the closest known word; an empty text when none is close.</summary>
    public static string DidYouMean(string word, IEnumerable<string> known)
    {
        var closest = known
            .Select(candidate => (Word: candidate, Distance: Distance(word, candidate)))
            .Where(candidate => candidate.Distance <= DistanceAtMost(word, candidate.Word))
            .OrderBy(static candidate => candidate.Distance)
            .FirstOrDefault();
        return closest.Word is null ? "" : $", did you mean '{closest.Word}'?";
    }

    /// <summary>
    /// Returns the largest distance of a close candidate. The parts of a name that both share do not count, so that
    /// collector.x is not close to every short collector. The begin of a word is close to it.
    /// </summary>
    static int DistanceAtMost(string word, string candidate)
    {
        if (word.Length >= BeginAtLeast && candidate.StartsWith(word, StringComparison.Ordinal))
            return candidate.Length;
        var same = word.AsSpan().CommonPrefixLength(candidate);
        var parts = candidate.AsSpan(0, same).LastIndexOfAny('.', '-', '_') + 1;
        return Math.Max(2, (candidate.Length - parts) / 3);
    }

    /// <summary>
    /// Returns the number of letters to insert, remove or replace to make one word of the other (Levenshtein).
    /// </summary>
    static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
