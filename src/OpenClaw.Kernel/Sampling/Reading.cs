using System.Diagnostics.CodeAnalysis;

namespace OpenClaw.Kernel.Sampling;

/// <summary>
/// The result of one question to the kernel: a value, or the reason why it is missing. Never 0 for "unknown".
/// </summary>
[SuppressMessage(
    "Design",
    "CA1000:Do not declare static members on generic types",
    Justification = "implicit conversions only"
)]
public readonly struct Reading<T>
{
    readonly T? _value;
    readonly Missing? _missing;
    readonly bool _present;

    Reading(T value) => (_value, _present) = (value, true);

    Reading(Missing missing) => _missing = missing;

    /// <summary>The reason why the value is missing; null when there is one.</summary>
    public Missing? Missing => _present ? null : _missing ?? NeverRead;

    /// <summary>The outcome of the reading.</summary>
    public Outcome Outcome => Missing?.Outcome ?? Outcome.Value;

    static Missing NeverRead { get; } = new(Absence.Failed, "never read");

    /// <summary>Returns true, with the value, when there is one.</summary>
    public bool TryGet([MaybeNullWhen(false)] out T value)
    {
        value = _value;
        return _present;
    }

    /// <summary>The value; throws <see cref="InvalidOperationException"/> with the reason when there is none.</summary>
    public T Value => _present ? _value! : throw new InvalidOperationException(Missing!.Detail);

    /// <summary>
    /// Converts the value with <paramref name="selector"/>. A missing value stays missing for the same reason.
    /// </summary>
    public Reading<TResult> Select<TResult>(Func<T, TResult> selector) => _present ? selector(_value!) : Missing!;

    /// <summary>Continues with another reading that depends on this one.</summary>
    public Reading<TResult> Then<TResult>(Func<T, Reading<TResult>> next) => _present ? next(_value!) : Missing!;

    /// <summary>Wraps a value.</summary>
    public static implicit operator Reading<T>(T value) => new(value);

    /// <summary>Wraps a missing value.</summary>
    public static implicit operator Reading<T>(Missing missing) => new(missing);

    /// <inheritdoc/>
    public override string ToString() => _present ? $"{_value}" : $"{Missing!.Reason}: {Missing.Detail}";
}
