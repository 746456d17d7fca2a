using System.Collections.Immutable;
using OpenClaw.Kernel.Hosts;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Gateway;

/// <summary>
/// The errors in the OpenClaw log that a running exporter has counted. A command cannot read the log itself: it would
/// count only from now on, and each byte of a FIFO goes to only one reader.
/// </summary>
/// <param name="errors">The errors.</param>
/// <param name="bootId">The start of the kernel that the exporter runs on. Another machine has another log.</param>
sealed class ServerErrorsReader(ClwErrors errors, string bootId)
    : Reader<ClwErrors>("openclaw_log", "the running exporter")
{
    /// <inheritdoc/>
    public override ImmutableArray<Type> Needs { get; init; } = [typeof(HostIdentity)];

    /// <inheritdoc/>
    protected override Reading<ClwErrors> Read(SamplingPass sampling) =>
        sampling.Get<HostIdentity>().TryGet(out var host) && host.BootId == bootId
            ? errors
            : new Missing(Absence.NotPresent, "the running exporter is on another machine");
}
