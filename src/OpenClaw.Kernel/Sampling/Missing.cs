using System.Runtime.InteropServices;

namespace OpenClaw.Kernel.Sampling;

/// <summary>A value that could not be had: why, in words that name the file or request and what was expected.</summary>
/// <param name="Reason">Why there is none.</param>
/// <param name="Detail">The file or request, and what came back.</param>
public sealed record Missing(Absence Reason, string Detail)
{
    /// <summary>How the reading ended; never <see cref="Outcome.Value"/>.</summary>
    public Outcome Outcome =>
        Reason switch
        {
            Absence.NotPresent => Outcome.None,
            Absence.NotAsked => Outcome.NotAsked,
            Absence.Gone => Outcome.Gone,
            _ => Outcome.Unseen,
        };

    /// <summary>True where something is there, or may be, of which nothing is known.</summary>
    public bool IsUnseen => Outcome == Outcome.Unseen;

    /// <summary>A value that nobody asked for.</summary>
    public static Missing NotAsked<T>() => new(Absence.NotAsked, $"no reader of {typeof(T).Name} is enabled");

    /// <summary>The missing value that an error of a system call stands for.</summary>
    /// <param name="error">An errno value.</param>
    /// <param name="subject">What was asked for: a path or a request.</param>
    /// <param name="call">The kind of call, for the same error says different things of a file and of a
    /// process.</param>
    public static Missing FromErrno(int error, string subject, KernelCall call) =>
        new(call.Means(error), $"{subject}: {Marshal.GetPInvokeErrorMessage(error)}");
}
