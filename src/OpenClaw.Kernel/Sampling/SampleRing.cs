using System.Collections.Immutable;

namespace OpenClaw.Kernel.Sampling;

/// <summary>The bounds of a <see cref="SampleRing{TName}"/>.</summary>
/// <param name="Span">The time span of the samples before the newest one.</param>
/// <param name="Spacing">The shortest time between two samples. A sample that comes earlier is not kept.</param>
/// <param name="NamesAtMost">The number of names. Where there are more, the latest ones are kept.</param>
public sealed record RingBounds(TimeSpan Span, TimeSpan Spacing, int NamesAtMost)
{
    /// <summary>
    /// The age of the sample that a new one is compared with. The time span ends at that sample; at the newest one by
    /// default.
    /// </summary>
    public TimeSpan Back { get; init; }

    /// <summary>The number of samples.</summary>
    public int SamplesAtMost => (int)((Span + Back) / Spacing) + 2;
}

/// <summary>
/// The latest samples of named numbers, oldest first. It never changes: a later sample makes another ring, which shares
/// the samples of this one.
/// </summary>
/// <remarks>
/// A number takes 8 bytes in each sample. Samples with the same names share one list of names.
/// </remarks>
/// <typeparam name="TName">The name of a number.</typeparam>
public sealed class SampleRing<TName>
    where TName : notnull
{
    readonly RingBounds _bounds;
    readonly ImmutableArray<Sample> _samples;

    /// <summary>The names with their ids. An id is never used again, so that a forgotten name begins anew.</summary>
    readonly Dictionary<TName, int> _ids;
    readonly int _nextId;

    /// <summary>Creates a ring without samples.</summary>
    public SampleRing(RingBounds bounds)
        : this(bounds, [], [], 0) { }

    SampleRing(RingBounds bounds, ImmutableArray<Sample> samples, Dictionary<TName, int> ids, int nextId) =>
        (_bounds, _samples, _ids, _nextId) = (bounds, samples, ids, nextId);

    /// <summary>The number of samples.</summary>
    public int Count => _samples.Length;

    /// <summary>The number of names.</summary>
    public int Names => _ids.Count;

    /// <summary>All names, the one that was added first at the front.</summary>
    public IEnumerable<TName> AllNames => _ids.OrderBy(static name => name.Value).Select(static name => name.Key);

    /// <summary>Returns the time of a sample.</summary>
    public TimeSpan TimeOf(int sample) => _samples[sample].At;

    /// <summary>Returns a number in a sample; null when the sample does not have it.</summary>
    public double? this[int sample, TName name] =>
        _ids.TryGetValue(name, out var id) && Array.BinarySearch(_samples[sample].Ids, id) is >= 0 and var place
            ? _samples[sample].Numbers[place]
            : null;

    /// <summary>Returns the samples of one number, oldest first.</summary>
    public IEnumerable<(TimeSpan At, double Number)> SamplesOf(TName name)
    {
        if (!_ids.TryGetValue(name, out var id))
            yield break;
        int[]? ids = null;
        var place = -1;
        foreach (var sample in _samples)
        {
            if (ids != sample.Ids)
                place = Array.BinarySearch(ids = sample.Ids, id);
            if (place >= 0)
                yield return (sample.At, sample.Numbers[place]);
        }
    }

    /// <summary>
    /// Returns the sample to compare one of this time with: the newest that is old enough, or else the oldest; -1 where
    /// no sample is before this time.
    /// </summary>
    /// <param name="at">The time.</param>
    /// <param name="back">The age that is old enough.</param>
    public int Before(TimeSpan at, TimeSpan back) => IsPast(at) ? Before(_samples, at, back) : -1;

    /// <summary>
    /// Returns this ring with a sample added; this ring itself where the last sample is almost as recent. A clock that
    /// was set back starts a new ring.
    /// </summary>
    /// <param name="at">The time, on any clock.</param>
    /// <param name="numbers">
    /// The numbers, the most important first. Where several have the same name, the highest counts.
    /// </param>
    public SampleRing<TName> With(TimeSpan at, IEnumerable<(TName Name, double Number)> numbers)
    {
        if (_samples.Length > 0 && !IsPast(at))
            return new SampleRing<TName>(_bounds).With(at, numbers);
        if (_samples.Length > 0 && at - _samples[^1].At < _bounds.Spacing)
            return this;

        var highest = new Dictionary<int, double>(_samples is [.., var before] ? before.Ids.Length : 0);
        var added = new Dictionary<TName, int>();
        foreach (var (name, number) in numbers)
        {
            var isNew = !_ids.TryGetValue(name, out var id) && !added.TryGetValue(name, out id);
            if (isNew)
                id = _nextId + added.Count;
            if (highest.TryGetValue(id, out var other))
            {
                highest[id] = Math.Max(number, other);
            }
            else if (highest.Count < _bounds.NamesAtMost)
            {
                highest.Add(id, number);
                if (isNew)
                    added.Add(name, id);
            }
        }

        int[] ids = [.. highest.Keys];
        double[] values = [.. highest.Values];
        Array.Sort(ids, values);
        if (_samples is [.., var last] && last.Ids.AsSpan().SequenceEqual(ids))
            ids = last.Ids;
        var samples = _samples.Add(new(at, ids, values));
        var oldest = samples[Before(samples, at, _bounds.Back)].At - _bounds.Span;
        return new(
            _bounds,
            [.. samples.SkipWhile(sample => sample.At < oldest)],
            added.Count == 0 ? _ids : new([.. LatestNames(ids, added.Count), .. added]),
            _nextId + added.Count
        );
    }

    /// <summary>Returns this ring after its clock was set: with the same samples at other times.</summary>
    /// <param name="by">The time by which the clock was set.</param>
    /// <param name="isTime">Selects the names of numbers that are times on this clock, in seconds.</param>
    public SampleRing<TName> Shift(TimeSpan by, Func<TName, bool> isTime)
    {
        var times = _ids.Where(name => isTime(name.Key)).Select(static name => name.Value).ToHashSet();
        return new(
            _bounds,
            [
                .. _samples.Select(sample => new Sample(
                    sample.At + by,
                    sample.Ids,
                    [
                        .. sample.Numbers.Zip(sample.Ids, (number, id) =>
                            times.Contains(id) ? number + by.TotalSeconds : number
                        ),
                    ]
                )),
            ],
            _ids,
            _nextId
        );
    }

    bool IsPast(TimeSpan at) => _samples is [.., var last] && last.At <= at;

    static int Before(ImmutableArray<Sample> samples, TimeSpan at, TimeSpan back)
    {
        var newest = samples.Length - 1;
        while (newest > 0 && at - samples[newest].At < back)
            newest--;
        return newest;
    }

    /// <summary>
    /// Returns the names that a new sample or earlier ones have; the latest ones where there is no room for all beside
    /// those that are added.
    /// </summary>
    IEnumerable<KeyValuePair<TName, int>> LatestNames(int[] now, int added)
    {
        var kept = now.Where(id => id < _nextId).ToHashSet();
        var earlier = _samples.Reverse().Select(static sample => sample.Ids).Distinct().SelectMany(static ids => ids);
        foreach (var id in earlier.TakeWhile(_ => kept.Count + added < _bounds.NamesAtMost))
            kept.Add(id);
        return _ids.Where(name => kept.Contains(name.Value));
    }

    /// <summary>A sample.</summary>
    /// <param name="At">Its time.</param>
    /// <param name="Ids">The ids of its names, in ascending order.</param>
    /// <param name="Numbers">Its numbers, in the order of the ids.</param>
    readonly record struct Sample(TimeSpan At, int[] Ids, double[] Numbers);
}
