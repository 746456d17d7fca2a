using System.Collections.Immutable;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Gateway;

/// <summary>The counts and the last errors of all files of an OpenClaw log.</summary>
sealed class ClwTally(TimeProvider clock)
{
    /// <summary>The limit on errors that are kept with their texts.</summary>
    const int RecentAtMost = 5;

    /// <summary>The name of all codes beyond <see cref="ClwLog.OtherCodesAtMost"/>.</summary>
    const string Rest = "other";

    /// <summary>The age beyond which the time in a line is not that of a new error.</summary>
    static readonly TimeSpan Oldest = TimeSpan.FromDays(31);

    readonly Dictionary<ErrnoRow, long> _errnos = [];
    ImmutableList<ClwEvent> _recent = [];
    ImmutableSortedDictionary<string, long> _counts = ClwCodes.All.ToImmutableSortedDictionary(
        static code => code,
        static _ => 0L,
        StringComparer.Ordinal
    );

    /// <summary>The errors counted so far.</summary>
    public ClwErrors Errors =>
        new(_counts, [.. _recent])
        {
            Errnos =
                _errnos.Count == 0
                    ? []
                    :
                    [
                        .. ErrnoTable.Rows.Select(row => new ErrnoCount(
                            row.Errno,
                            SnakeCase.Convert(row.Call),
                            _errnos.GetValueOrDefault(row)
                        )),
                    ],
        };

    /// <summary>Counts an error with a code. Returns its event.</summary>
    /// <param name="code">The code.</param>
    /// <param name="time">The time in its line; null for none.</param>
    public ClwEvent Count(string code, DateTimeOffset? time) => Add(new(TimeOf(time), code, "", ""));

    /// <summary>Counts an error with an errno.</summary>
    /// <param name="error">The error.</param>
    /// <param name="time">The time in its line; null for none.</param>
    public void Count(ErrnoError error, DateTimeOffset? time)
    {
        _errnos[error.Row] = _errnos.GetValueOrDefault(error.Row) + 1;
        var row = error.Row;
        Add(new(TimeOf(time), row.Code, error.Context, error.Details) { Errno = row.Errno, Call = row.Call });
    }

    /// <summary>Replaces an event by the same one with further texts. Returns the new one.</summary>
    public ClwEvent Replace(ClwEvent seen, ClwEvent by)
    {
        var at = _recent.FindIndex(other => ReferenceEquals(other, seen));
        if (at >= 0)
            _recent = _recent.SetItem(at, by);
        return by;
    }

    ClwEvent Add(ClwEvent seen)
    {
        var known = _counts.ContainsKey(seen.Code) || _counts.Count < ClwCodes.All.Length + ClwLog.OtherCodesAtMost;
        var name = known ? seen.Code : Rest;
        _counts = _counts.SetItem(name, _counts.GetValueOrDefault(name) + 1);
        _recent = _recent.Insert(0, seen);
        if (_recent.Count > RecentAtMost)
            _recent = _recent.RemoveAt(RecentAtMost);
        return seen;
    }

    /// <summary>Returns the time in a line where an error can have that time, else now.</summary>
    DateTimeOffset TimeOf(DateTimeOffset? time)
    {
        var now = clock.GetUtcNow();
        return time is { } read && read <= now && read >= now - Oldest ? read.ToUniversalTime() : now;
    }
}
