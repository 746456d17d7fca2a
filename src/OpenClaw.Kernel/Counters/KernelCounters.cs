using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Counters;

/// <summary>Counters of one network namespace, by the kernel's names.</summary>
public abstract class KernelCounters
{
    readonly CounterNames _names;
    readonly long[] _values;

    private protected KernelCounters(CounterNames names, long[] values) => (_names, _values) = (names, values);

    /// <summary>Marks a value in the list that is out of range: negative, or above 2^63-1.</summary>
    private protected const long Unfit = -1;

    /// <summary>
    /// Returns a counter by name. It is <see cref="Absence.NotPresent"/> where this kernel has no such counter. It is
    /// <see cref="Absence.Malformed"/> where the value is negative or above 2^63-1.
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
