using System.Collections.Immutable;

namespace OpenClaw.Kernel.Sampling;

/// <summary>A source of a value, beside others.</summary>
/// <param name="Name">The kernel file or request.</param>
/// <param name="Read">Reads the value from it.</param>
/// <param name="Lacks">The parts that the first source shows and this one does not, in words; null for none.</param>
sealed record Source<T>(string Name, Func<SamplingPass, Reading<T>> Read, string? Lacks = null)
{
    /// <summary>
    /// The parts that an additional source shows, in words; null for any other source. After any failure of an addition
    /// but a lack of time, the next source is asked, and the run has the reason. Empty where the addition only saves
    /// time. Then no reason is kept.
    /// </summary>
    public string? Adds { get; init; }
}

/// <summary>
/// A reader whose value has several sources. It takes the first source that is available. A source is unavailable where
/// the kernel does not have it or this process lacks the right. After any other failure, such as a timeout, no further
/// source is asked.
/// </summary>
/// <param name="name">The name in metrics and logs.</param>
/// <param name="sources">The sources, the best one first.</param>
sealed class SourcesReader<T>(string name, params ImmutableArray<Source<T>> sources)
    : Reader<T>(name, string.Join("; ", sources.Select(static source => source.Name)))
{
    string? _taken;
    Missing? _lacking;
    Fallback? _fallback;

    private protected override string? Taken => _taken;

    private protected override Fallback? Fallback => _fallback;

    protected override Reading<T> Read(SamplingPass sampling)
    {
        (_taken, _lacking, _fallback) = (null, null, null);
        Missing? unavailable = null;
        foreach (var source in sources)
        {
            var reading = source.Read(sampling);
            if (reading.Missing is not { } missing)
            {
                _taken =
                    unavailable is null || source.Lacks is not null
                        ? source.Name
                        : $"{source.Name} (without {unavailable.Detail})";
                _lacking =
                    unavailable is not null && source.Lacks is { } lost
                        ? Join(unavailable, $"read from {source.Name} instead, without {lost}")
                        : null;
                if (unavailable is not null)
                    _fallback = null;
                return reading;
            }

            if (source.Adds is { } parts && missing.Reason != Absence.TimedOut)
            {
                _fallback = parts.Length > 0 ? new(parts, missing) : null;
                continue;
            }

            // The value is unknown, not absent, when one of the sources may have it.
            unavailable = unavailable switch
            {
                null => missing,
                { IsUnseen: true } => Join(unavailable, missing.Detail),
                _ => Join(missing with { Detail = unavailable.Detail }, missing.Detail),
            };
            if (missing.Reason is not (Absence.NotPresent or Absence.NotPermitted))
                break;
        }

        return unavailable!;
    }

    protected override Missing? Shortfall(T value) => _lacking;

    static Missing Join(Missing first, string detail) =>
        first.Detail == detail ? first : first with { Detail = $"{first.Detail}; {detail}" };
}
