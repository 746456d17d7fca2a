using System.Collections.Immutable;

namespace OpenClaw.Kernel.Procfs;

/// <summary>Looks at what the watched processes have open.</summary>
sealed class WatchedDescriptorsReader(ProcMount proc) : Reader<WatchedDescriptors>("watched_descriptors", "/proc/PID/fd/*")
{
    /// <summary>Links read in one snapshot: each costs about 3 microseconds.</summary>
    const long LinksAtMost = 20_000;

    protected override Reading<WatchedDescriptors> Read(Sampling sampling) => sampling.Get<ProcessTable>().Select(table =>
    {
        var left = LinksAtMost;
        var kinds = ImmutableDictionary.CreateBuilder<int, Reading<DescriptorKinds>>();

        // Those with few first: one with very many then costs only its own.
        foreach (var process in table.Processes
            .Where(static process => process.IsWatched)
            .OrderBy(static process => process.Open.TryGet(out var open) ? open : 0))
        {
            left -= process.Open.TryGet(out var open) ? open : 0;
            kinds[process.Pid] = left < 0
                ? new Missing(Absence.Failed, $"{proc.PathOf($"{process.Pid}/fd")}: more than {LinksAtMost} descriptors in watched processes")
                : sampling.Deadline.HasPassed
                    ? new Missing(Absence.TimedOut, $"{proc.PathOf($"{process.Pid}/fd")}: deadline passed")
                    : DescriptorLinks.Count(proc, process.Pid);
        }

        return new WatchedDescriptors(kinds.ToImmutable());
    });

    protected override Missing? Shortfall(WatchedDescriptors value) => value.ByPid.Values
        .Select(static kinds => kinds.Missing)
        .FirstOrDefault(static missing => missing is not null && missing.Reason != Absence.NotPresent);
}
