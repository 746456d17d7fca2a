using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>Reads the kinds of the open descriptors of the watched processes.</summary>
sealed class WatchedDescriptorsReader(ProcMount proc)
    : Reader<WatchedDescriptors>("watched_descriptors", "/proc/PID/fd/*")
{
    /// <summary>
    /// The lowest number of links read for a process, however many processes there are. A smaller sample shows nothing.
    /// </summary>
    const long LinksAtLeast = 16;

    public override ImmutableArray<Type> Needs { get; init; } = [typeof(ProcessTable)];

    protected override Reading<WatchedDescriptors> Read(SamplingPass sampling) =>
        sampling
            .Get<ProcessTable>()
            .Select(table =>
            {
                var left = WatchedDescriptors.CountedAtMost;
                var kinds = ImmutableDictionary.CreateBuilder<int, Reading<DescriptorKinds>>();

                // Processes with few descriptors are read first and completely. Those with very many share the rest,
                // and only a sample of each is read.
                var watched = table
                    .Processes.Where(static process => process.IsWatched)
                    .Select(static process => (Process: process, Open: process.Open.TryGet(out var open) ? open : 0))
                    .OrderBy(static process => process.Open)
                    .ToList();
                for (var i = 0; i < watched.Count; i++)
                {
                    var (process, open) = watched[i];
                    var share = Math.Max(LinksAtLeast, left / (watched.Count - i));
                    left -= Math.Min(open, share);
                    kinds[process.Pid] = sampling.Deadline.HasPassed
                        ? new Missing(Absence.TimedOut, $"{proc.PathOf(process.Folder)}: deadline passed")
                        : DescriptorLinks.Count(proc, process.Folder, open, share);
                }

                return new WatchedDescriptors(kinds.ToImmutable());
            });

    protected override Missing? Shortfall(WatchedDescriptors value) =>
        value
            .ByPid.Values.Select(static kinds => kinds.Missing)
            .FirstOrDefault(static missing => missing is { IsUnseen: true });
}
