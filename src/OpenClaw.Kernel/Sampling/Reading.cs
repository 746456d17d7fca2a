using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;

namespace OpenClaw.Kernel.Sampling;

/// <summary>Why the kernel gave no value.</summary>
public enum Absence
{
    /// <summary>The file, module or address family does not exist here: normal on many machines, and in child namespaces.</summary>
    NotPresent,

    /// <summary>It exists, but this process lacks the right to read it.</summary>
    NotPermitted,

    /// <summary>It was read, but not in the form the kernel documents.</summary>
    Malformed,

    /// <summary>The kernel broke off or changed its answer while it was being read.</summary>
    Interrupted,

    /// <summary>No answer before the deadline.</summary>
    TimedOut,

    /// <summary>Any other error of the system call; the detail has its text.</summary>
    Failed,
}

/// <summary>A value that could not be had: why, and in words that name the file or request and what was expected.</summary>
public sealed record Missing(Absence Reason, string Detail)
{
    /// <summary>The missing value that an error of a system call stands for.</summary>
    /// <param name="error">An errno value.</param>
    /// <param name="subject">What was asked for: a path or a request.</param>
    public static Missing FromErrno(int error, string subject)
    {
        var reason = error switch
        {
            Errno.ENOENT or Errno.ESRCH or Errno.ENOTDIR or Errno.EAFNOSUPPORT or Errno.EPROTONOSUPPORT or Errno.EOPNOTSUPP
                => Absence.NotPresent,
            Errno.EPERM or Errno.EACCES => Absence.NotPermitted,
            Errno.ENOBUFS or Errno.EINTR => Absence.Interrupted,
            Errno.EAGAIN => Absence.TimedOut,
            _ => Absence.Failed,
        };
        return new(reason, $"{subject}: {Marshal.GetPInvokeErrorMessage(error)}");
    }
}

/// <summary>
/// What a reader got from the kernel: a value, or the reason why there is none. Never a zero that stands for "unknown".
/// </summary>
[SuppressMessage("Design", "CA1000:Do not declare static members on generic types", Justification = "implicit conversions only")]
public readonly struct Reading<T>
{
    readonly T? _value;
    readonly Missing? _missing;
    readonly bool _present;

    Reading(T value) => (_value, _present) = (value, true);

    Reading(Missing missing) => _missing = missing;

    /// <summary>Why there is no value; null when there is one.</summary>
    public Missing? Missing => _present ? null : _missing ?? NeverRead;

    static Missing NeverRead { get; } = new(Absence.Failed, "never read");

    /// <summary>True, with the value, when there is one.</summary>
    public bool TryGet([MaybeNullWhen(false)] out T value)
    {
        value = _value;
        return _present;
    }

    /// <summary>The value; throws <see cref="InvalidOperationException"/> with the reason when there is none.</summary>
    public T Value => _present ? _value! : throw new InvalidOperationException(Missing!.Detail);

    /// <summary>The same reading seen through <paramref name="selector"/>; a missing value stays missing for the same reason.</summary>
    public Reading<TResult> Select<TResult>(Func<T, TResult> selector) => _present ? selector(_value!) : Missing!;

    /// <summary>Continues with a further reading that depends on this one.</summary>
    public Reading<TResult> Then<TResult>(Func<T, Reading<TResult>> next) => _present ? next(_value!) : Missing!;

    /// <summary>A present value.</summary>
    public static implicit operator Reading<T>(T value) => new(value);

    /// <summary>A missing value.</summary>
    public static implicit operator Reading<T>(Missing missing) => new(missing);

    /// <inheritdoc/>
    public override string ToString() => _present ? $"{_value}" : $"{Missing!.Reason}: {Missing.Detail}";
}
