using System.Globalization;
using OpenClaw.Kernel.Writes;

namespace OpenClaw.Exporter.Remedies;

/// <summary>A new limit on open files of a running process.</summary>
/// <param name="Pid">The process.</param>
/// <param name="Soft">The new soft limit.</param>
/// <param name="Hard">The new hard limit; null when it does not change.</param>
/// <param name="KeptBy">The line that sets the limit at each start of the process.</param>
/// <param name="KeptIn">The place for that line.</param>
sealed record ProcessLimitChange(int Pid, long Soft, long? Hard, string KeptBy, string KeptIn)
    : Change(ChangeScope.Process)
{
    /// <summary>The present soft and hard limit, which an undo restores; null when they are unknown.</summary>
    public OpenFileLimits? Old { get; init; }

    /// <summary>
    /// The time from the machine's start to the process's, which tells the process from a later one with its id.
    /// </summary>
    public TimeSpan? Started { get; init; }

    /// <summary>The unit of the machine's systemd that starts the process; null for another starter.</summary>
    public string? Unit { get; init; }

    /// <summary>The new limits; null while the present hard limit is unknown and does not change.</summary>
    public OpenFileLimits? New => (Hard ?? Old?.Hard) is { } hard ? new(Soft, hard) : null;

    /// <inheritdoc/>
    public override string Target =>
        string.Create(CultureInfo.InvariantCulture, $"limit on open files of process {Pid}");

    /// <inheritdoc/>
    public override string? Before => Old is { } old ? Words(old) : null;

    /// <inheritdoc/>
    public override string After => New is { } limits ? Words(limits) : Soft.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override ProcessLimitChange? Inverse =>
        Old is { } old ? this with { Soft = old.Soft, Hard = old.Hard, Old = New } : null;

    /// <inheritdoc/>
    public override string Command =>
        string.Create(CultureInfo.InvariantCulture, $"prlimit --pid {Pid} --nofile={Soft}:{Hard}");

    /// <inheritdoc/>
    public override string Line => KeptBy;

    /// <inheritdoc/>
    public override string File => KeptIn;

    static string Words(OpenFileLimits limits) =>
        string.Create(CultureInfo.InvariantCulture, $"{limits.Soft} (hard limit {limits.Hard})");
}
