using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>
/// Reads the kinds of the open descriptors of the watched processes, and of a few others near their limits. It looks up
/// the sockets of those near their limits.
/// </summary>
/// <param name="proc">The procfs.</param>
/// <param name="clock">The clock that tells the age of earlier counts.</param>
sealed class WatchedDescriptorsReader(ProcMount proc, TimeProvider clock)
    : Reader<WatchedDescriptors>("watched_descriptors", "/proc/PID/fd/*, /proc/PID/net/{unix,tcp,tcp6}")
{
    /// <summary>
    /// The lowest number of links read for a process, however many processes there are. A smaller sample shows nothing.
    /// </summary>
    const long LinksAtLeast = 16;

    /// <summary>The part of its limit from which a process is near it, in percent.</summary>
    const long NearLimit = 80;

    /// <summary>
    /// The limit on processes whose sockets and files are looked up, the fullest ones. Each costs up to 0.1 s where
    /// the network namespace has very many sockets.
    /// </summary>
    const int InDetailAtMost = 3;

    /// <summary>The limit on processes near their limits that are read although they are not watched.</summary>
    const int OthersAtMost = 3;

    /// <summary>The limit on links that are read of each of these.</summary>
    const long LinksOfOther = 2_000;

    /// <summary>
    /// The greatest age of the kinds of a process that are used again while its number of descriptors is unchanged.
    /// Each link costs 3 µs, which a look every second need not pay. A process near its limit is always read.
    /// </summary>
    static readonly TimeSpan KeptAtMost = TimeSpan.FromSeconds(10);

    Dictionary<int, Kept> _kept = [];

    public override ImmutableArray<Type> Needs { get; init; } = [typeof(ProcessTable)];

    protected override Reading<WatchedDescriptors> Read(SamplingPass sampling) =>
        sampling
            .Get<ProcessTable>()
            .Select(table =>
            {
                var fullest = Fullest(table.Processes, InDetailAtMost);
                var left = WatchedDescriptors.CountedAtMost;
                var kinds = new Dictionary<int, Reading<DescriptorKinds>>();
                var kept = new Dictionary<int, Kept>();

                // Processes with few descriptors are read first and completely. Processes with very many share the
                // rest, and only a sample of each is read.
                var watched = table.Processes.Where(static process => process.IsWatched).OrderBy(OpenIn).ToList();
                for (var i = 0; i < watched.Count; i++)
                {
                    var share = Math.Max(LinksAtLeast, left / (watched.Count - i));
                    left -= Math.Min(OpenIn(watched[i]), share);
                    var counted = Recent(watched[i])
                        ?? new(
                            Count(watched[i], share, fullest, sampling.Deadline),
                            OpenIn(watched[i]),
                            clock.GetTimestamp()
                        );
                    kinds[watched[i].Pid] = counted.Kinds;
                    kept[watched[i].Pid] = counted;
                }

                _kept = kept;

                var others = new Dictionary<int, DescriptorKinds>();
                foreach (
                    var process in Fullest(table.Processes.Where(static process => !process.IsWatched), OthersAtMost)
                )
                {
                    if (Count(process, LinksOfOther, fullest, sampling.Deadline).TryGet(out var found))
                        others[process.Pid] = found;
                }

                return new WatchedDescriptors(kinds) { Others = others };
            });

    /// <summary>Returns the last count of a process while it still holds; null when a new one is necessary.</summary>
    Kept? Recent(ProcessDescriptors process) =>
        _kept.TryGetValue(process.Pid, out var kept)
        && kept.Kinds.Missing is null
        && kept.Open == OpenIn(process)
        && clock.GetElapsedTime(kept.At) < KeptAtMost
        && !IsNearLimit(process)
            ? kept
            : null;

    /// <summary>Returns the fullest of the processes near their limits.</summary>
    static HashSet<ProcessDescriptors> Fullest(IEnumerable<ProcessDescriptors> processes, int atMost) =>
        [
            .. processes
                .Where(IsNearLimit)
                .OrderByDescending(static process => (double)OpenIn(process) / LimitOf(process))
                .Take(atMost),
        ];

    Reading<DescriptorKinds> Count(
        ProcessDescriptors process,
        long atMost,
        HashSet<ProcessDescriptors> inDetail,
        Deadline deadline
    )
    {
        if (deadline.HasPassed)
            return new Missing(Absence.TimedOut, $"{proc.PathOf(process.Folder)}: deadline passed");

        var targets = inDetail.Contains(process) ? new HeldTargets() : null;
        var counted = DescriptorLinks.Count(
            proc,
            process.Folder,
            OpenIn(process),
            atMost,
            targets is null ? null : targets.Add
        );
        if (targets is null || !counted.TryGet(out var kinds))
            return counted;
        var hasSockets = targets.Sockets.Count > 0;
        return kinds with
        {
            HeldFiles = targets.ToFiles()?.Scaled(kinds.Scale),
            MostWithoutPath = targets.MostWithoutPath.Name,
            CountWithoutPath = (long)Math.Round(targets.MostWithoutPath.Count * kinds.Scale),
            Held =
                hasSockets
                && HeldSockets.Find(proc.AsSeenBy(process.Pid), targets.Sockets, deadline).TryGet(out var held)
                    ? held.Scaled(kinds.Scale)
                    : null,
        };
    }

    static bool IsNearLimit(ProcessDescriptors process) =>
        LimitOf(process) is > 0 and var limit && OpenIn(process) * 100 >= limit * NearLimit;

    static long OpenIn(ProcessDescriptors process) => process.Open.TryGet(out var open) ? open : 0;

    /// <summary>Returns the limit of a process; 0 when it has none or it is unknown.</summary>
    static long LimitOf(ProcessDescriptors process) =>
        process.Limits.TryGet(out var limits) ? limits.OpenFilesSoft ?? 0 : 0;

    protected override Missing? Shortfall(WatchedDescriptors value) =>
        value
            .ByPid.Values.Select(static kinds => kinds.Missing)
            .FirstOrDefault(static missing => missing is { IsUnseen: true });

    /// <summary>A count that may be used again.</summary>
    /// <param name="Kinds">The count.</param>
    /// <param name="Open">The number of descriptors at that time.</param>
    /// <param name="At">The time, on the monotonic clock.</param>
    sealed record Kept(Reading<DescriptorKinds> Kinds, long Open, long At);
}
