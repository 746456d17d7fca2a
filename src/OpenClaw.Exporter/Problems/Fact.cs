namespace OpenClaw.Exporter.Problems;

/// <summary>A short statement about a problem, with its details.</summary>
/// <param name="Text">The statement, such as "2 of 200 ports left".</param>
/// <param name="Detail">The details, such as "full in 40 seconds at the present rate"; empty without any.</param>
sealed record Fact(string Text, string Detail);

/// <summary>A step of a remedy.</summary>
/// <param name="Text">The action, without a full stop where a command follows.</param>
/// <param name="Command">The command or the line to copy; null where there is none.</param>
/// <param name="Note">The limits of the step, such as "lost at reboot"; empty without any.</param>
sealed record Step(string Text, string? Command, string Note)
{
    /// <summary>True where the command follows in the same line.</summary>
    public bool IsBrief { get; init; }

    /// <summary>True where it replaces the steps before it, and so has no number of its own.</summary>
    public bool IsOther { get; init; }
}

/// <summary>The time since which a problem lasts without a break.</summary>
/// <param name="Time">The earliest such time that was seen.</param>
/// <param name="IsBegin">True where the problem was absent just before; false where it may have begun
/// earlier.</param>
sealed record Since(DateTimeOffset Time, bool IsBegin);
