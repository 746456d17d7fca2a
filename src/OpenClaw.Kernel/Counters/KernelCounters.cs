using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Counters;

/// <summary>Counters of one network namespace by the kernel's own names.</summary>
public abstract class KernelCounters
{
    readonly CounterNames _names;
    readonly long[] _values;

    private protected KernelCounters(CounterNames names, long[] values) => (_names, _values) = (names, values);

    /// <summary>Stands in the list of values for one that no counter can have: negative, or above 2^63-1.</summary>
    private protected const long Unfit = -1;

    /// <summary>
    /// A counter by name; <see cref="Absence.NotPresent"/> where this kernel has no such counter, and
    /// <see cref="Absence.Malformed"/> where its value is negative or above 2^63-1.
    /// </summary>
    public Reading<long> this[string name] =>
        _names.PlaceOf(name) switch
        {
            null => new Missing(Absence.NotPresent, $"this kernel has no counter {name}"),
            { } place when _values[place] == Unfit => new Missing(
                Absence.Malformed,
                $"{name}: expected a counter below 2^63"
            ),
            { } place => _values[place],
        };
}
