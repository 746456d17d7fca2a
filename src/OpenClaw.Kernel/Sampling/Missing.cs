using System.Runtime.InteropServices;

namespace OpenClaw.Kernel.Sampling;

/// <summary>A missing value, with the reason. The text names the file or request, and the expected form.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="Detail">The file or request, and its answer.</param>
public sealed record Missing(Absence Reason, string Detail)
{
    /// <summary>
    /// The reader whose missing right is the reason, by name; empty where the reader of the value itself lacks it.
    /// </summary>
    public string Reader { get; init; } = "";

    /// <summary>
    /// True where no capability would help: a filter of system calls or a security module refuses the request.
    /// </summary>
    public bool IsFiltered { get; init; }

    /// <summary>The outcome of the reading; never <see cref="Outcome.Value"/>.</summary>
    public Outcome Outcome =>
        Reason switch
        {
            Absence.NotPresent => Outcome.None,
            Absence.NotAsked => Outcome.NotAsked,
            Absence.Gone => Outcome.Gone,
            _ => Outcome.Unseen,
        };

    /// <summary>True where the value exists or may exist, but is unknown.</summary>
    public bool IsUnseen => Outcome == Outcome.Unseen;

    /// <summary>Returns the missing value of a type that was not requested.</summary>
    public static Missing NotAsked<T>() => Unrequested<T>.Value;

    /// <summary>Returns the words of a type's name in lower case: "process table" for ProcessTable.</summary>
    static string Words(string name) =>
        string.Concat(
                name.Select(static (letter, at) => at > 0 && char.IsUpper(letter) ? $" {letter}" : letter.ToString())
            )
            .ToLowerInvariant();

    /// <summary>Converts the error of a system call to a missing value.</summary>
    /// <param name="error">An errno value.</param>
    /// <param name="subject">The requested path, or the request.</param>
    /// <param name="call">The kind of call. The same error has different meanings for a file and for a process.</param>
    public static Missing FromErrno(int error, string subject, KernelCall call) =>
        new(call.Means(error), $"{subject}: {Marshal.GetPInvokeErrorMessage(error)}");

    /// <summary>
    /// The missing value of a type, made once: each look at the pools asks for values that no reader has read.
    /// </summary>
    static class Unrequested<T>
    {
        public static readonly Missing Value = new(
            Absence.NotAsked,
            $"no enabled collector reads {Words(typeof(T).Name)}"
        );
    }
}
