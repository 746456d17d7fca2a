using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Counters;

/// <summary>Counters of one network namespace by the kernel's own names.</summary>
public abstract class KernelCounters
{
    readonly CounterNames _names;
    readonly long[] _values;

    private protected KernelCounters(CounterNames names, long[] values) => (_names, _values) = (names, values);

    /// <summary>A counter by name; not present where this kernel has no such counter.</summary>
    public Reading<long> this[string name] =>
        _names.PlaceOf(name) is { } place ? _values[place] : new Missing(Absence.NotPresent, $"this kernel has no counter {name}");
}
