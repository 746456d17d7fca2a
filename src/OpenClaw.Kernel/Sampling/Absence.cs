namespace OpenClaw.Kernel.Sampling;

/// <summary>The reasons why a value is missing. Each belongs to one <see cref="Outcome"/>.</summary>
public enum Absence
{
    /// <summary>The kernel has no such thing: a module is not loaded, or a child namespace lacks a file.</summary>
    NotPresent,

    /// <summary>The value was not requested: the reader is disabled, or the snapshot does not include it.</summary>
    NotAsked,

    /// <summary>The process or namespace ended while it was being read.</summary>
    Gone,

    /// <summary>It exists, but this process lacks the right to read it.</summary>
    NotPermitted,

    /// <summary>The text was read, but not in the form that the kernel documents.</summary>
    Malformed,

    /// <summary>The kernel interrupted its answer, or changed it meanwhile.</summary>
    Interrupted,

    /// <summary>The kernel did not answer before the deadline.</summary>
    TimedOut,

    /// <summary>Any other error of the system call. The detail has its text.</summary>
    Failed,
}

/// <summary>
/// The five outcomes of a reading. Only <see cref="Value"/> and <see cref="None"/> are knowledge about the kernel.
/// </summary>
public enum Outcome
{
    /// <summary>The reading has a value.</summary>
    Value,

    /// <summary>The kernel has no such thing, so it cannot be exhausted.</summary>
    None,

    /// <summary>The value was not requested.</summary>
    NotAsked,

    /// <summary>The value was requested and could not be read. It is unknown.</summary>
    Unseen,

    /// <summary>The process or namespace ended while it was being read.</summary>
    Gone,
}
