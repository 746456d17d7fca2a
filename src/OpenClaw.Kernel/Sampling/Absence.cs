namespace OpenClaw.Kernel.Sampling;

/// <summary>Reason why there is no value. Each stands for one <see cref="Outcome"/>.</summary>
public enum Absence
{
    /// <summary>
    /// The kernel has no such thing: a module that is not loaded, a file that a child namespace lacks.
    /// </summary>
    NotPresent,

    /// <summary>Nobody asked: the reader is turned off, or this look does not include it.</summary>
    NotAsked,

    /// <summary>The process or namespace ended while it was being read.</summary>
    Gone,

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

/// <summary>
/// The five ways in which a reading can end. Only <see cref="Value"/> and <see cref="None"/> were seen.
/// </summary>
public enum Outcome
{
    /// <summary>A value.</summary>
    Value,

    /// <summary>The kernel was asked and has no such thing, so that it cannot run out.</summary>
    None,

    /// <summary>Nobody asked.</summary>
    NotAsked,

    /// <summary>It was asked for and could not be seen: nothing is known of it.</summary>
    Unseen,

    /// <summary>It ended while it was being read.</summary>
    Gone,
}
