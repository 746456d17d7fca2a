using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.History;

/// <summary>
/// The values of the symptoms at an earlier time. A symptom that could not be read then has its last value before.
/// Where it has none, its first value after that time may count.
/// </summary>
/// <param name="samples">The samples of the symptoms.</param>
/// <param name="at">The sample of that time.</param>
/// <param name="span">The greatest age of a last value before.</param>
/// <param name="orLater">True where a value after that time will do.</param>
sealed class EarlierSymptoms(SampleRing<SymptomName> samples, int at, TimeSpan span, bool orLater)
{
    /// <summary>
    /// The time by which a first message may be older than the reading. The clock of the kernel log drifts from the
    /// wall clock by seconds in months.
    /// </summary>
    static readonly TimeSpan LogClockError = TimeSpan.FromMinutes(1);

    /// <summary>The last source that was asked for. Its values come one after the other.</summary>
    (SymptomSource Source, int? Sample)? _found;

    /// <summary>
    /// Returns the increase of a counter since then, with the time of the earlier value; null when it has none. New
    /// labels count from 0 where the exporter itself counts, and where only zeros are not listed. Otherwise the kernel
    /// may have counted them before. A count of the exporter is 0 while its source, such as a log, does not exist.
    /// </summary>
    public (double Increase, DateTimeOffset Since)? IncreaseOf(SymptomSample later)
    {
        if (SampleWith(later.Source) is not { } sample)
            return later.Symptom.IsCountedFromStart && IsAbsent(later.Source) ? (later.Level.Value, TimeOf(at)) : null;
        double? unseen = later.Symptom.IsCountedFromStart || later.Level.WasZeroUnlisted ? 0 : null;
        var before = samples[sample, later.Name] ?? unseen;
        return before is { } value ? (later.Level.Value - value, TimeOf(sample)) : null;
    }

    /// <summary>
    /// Returns the time of the last message of this kind by then, in seconds; the time of the reading when there was
    /// none.
    /// </summary>
    public double LastMessage(SymptomSample later)
    {
        var sample = SampleWith(later.Source);
        return sample is { } read && samples[read, later.Name] is { } last
            ? last
            : (TimeOf(sample ?? at) - LogClockError).ToUnixTimeSeconds();
    }

    bool IsAbsent(SymptomSource source) => samples[at, new(source, null)] is null;

    int? SampleWith(SymptomSource source)
    {
        if (_found is not { } found || found.Source != source)
            _found = found = (source, FindSampleWith(source));
        return found.Sample;
    }

    /// <summary>Returns the sample with the values of a source; null when there is none.</summary>
    int? FindSampleWith(SymptomSource source)
    {
        var name = new SymptomName(source, null);
        var before = at;
        var state = samples[before, name];
        if (state is null)
            return null;
        while (state == SymptomName.Unread && before > 0)
            state = samples[--before, name];
        if (state == SymptomName.Read && samples.TimeOf(at) - samples.TimeOf(before) <= span)
            return before;
        var after = at + 1;
        while (after < samples.Count && samples[after, name] != SymptomName.Read)
            after++;
        return orLater && after < samples.Count ? after : null;
    }

    DateTimeOffset TimeOf(int sample) => DateTimeOffset.UnixEpoch + samples.TimeOf(sample);
}
