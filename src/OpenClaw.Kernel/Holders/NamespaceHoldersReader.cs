using System.Collections.Immutable;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Holders;

/// <summary>
/// Finds the processes that hold the ports and queues that are nearly full. It asks for the sockets a second time, with
/// their inodes, so it asks only then, and at most every 15 seconds in each namespace. A server searches beside its
/// snapshots: each has the last answer, and none waits. The value says where an answer is still to come.
/// </summary>
/// <param name="proc">The procfs.</param>
/// <param name="open">Opens a netlink socket.</param>
/// <param name="nearlyFull">The used part, between 0 and 1, from which a resource is nearly full.</param>
/// <param name="program">The program in the kernel that lists the sockets of all processes.</param>
/// <param name="lane">The thread of a server for the searches; null to search in the snapshot.</param>
/// <param name="time">The clock.</param>
sealed class NamespaceHoldersReader(
    ProcMount proc,
    Func<TimeSpan, Reading<INetlinkTransport>> open,
    double nearlyFull,
    Lazy<Reading<TaskFileProgram>> program,
    HolderLane? lane,
    TimeProvider time
) : Reader<NamespaceHolders>("socket_holders", "inet_diag; /proc/PID/fd/* or bpf iter/task_file"), IDisposable
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(15);
    static readonly TimeSpan BetweenNewLooks = TimeSpan.FromSeconds(2);
    static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(5);

    /// <summary>The greatest age of an answer. A search beside the snapshots may hang.</summary>
    static readonly TimeSpan AgeAtMost = TimeSpan.FromMinutes(1);

    /// <summary>The time for a search beside the snapshots.</summary>
    static readonly TimeSpan SearchAtMost = TimeSpan.FromSeconds(2);

    static readonly Missing NothingIsFull = new(Absence.NotAsked, "no port range or queue is nearly full");
    static readonly NamespaceHolders Searching = new([]) { IsIncomplete = true };
    static readonly Missing Hanging = new(Absence.TimedOut, "inet_diag, /proc/PID/fd: the search has not ended");

    static readonly Missing NotBegun = new(
        Absence.Failed,
        "inet_diag, /proc/PID/fd: other searches wait, or no thread can be started"
    );

    readonly NearlyFullGroups _groups = new(nearlyFull);
    readonly Dictionary<FileIdentity, Look> _looks = [];

    public override ImmutableArray<Type> Needs { get; init; } =
    [typeof(EphemeralPortSettings), typeof(ProcessTable), .. NearlyFullGroups.Needs];

    public override ImmutableArray<Type> Uses => NearlyFullGroups.Uses;

    public void Dispose() => lane?.Dispose();

    internal override void Start() => lane?.Start();

    protected override Reading<NamespaceHolders> Read(SamplingPass sampling)
    {
        if (!sampling.Get<EphemeralPortSettings>().TryGet(out var settings))
            return new Missing(Absence.NotAsked, "the range of ports is not known");
        var groups = _groups.Select(sampling);
        FileIdentity? netns = FileIdentity.Read(proc.PathOf("thread-self/ns/net")).TryGet(out var own) ? own : null;
        var now = time.GetTimestamp();
        foreach (var ended in _looks.Where(look => time.GetElapsedTime(look.Value.At, now) > Forgotten).ToList())
            _ = _looks.Remove(ended.Key);
        if (groups.IsEmpty)
        {
            _ = _looks.Remove(netns ?? default);
            return NothingIsFull;
        }

        if (!_looks.TryGetValue(netns ?? default, out var look))
            _looks[netns ?? default] = look = new(now);
        var table = sampling.Get<ProcessTable>();
        var answer = look.Answer;
        if (answer is null || IsDue(answer, groups, table, now))
        {
            if (Ask(look, new(proc, program, table, netns), groups, settings, sampling.Deadline) is { } failure)
                return failure;
            answer = look.Answer;
        }

        if (answer is not null && time.GetElapsedTime(answer.At, now) < AgeAtMost)
        {
            var isIncomplete = look.IsSearched && IsNew(answer, groups);
            return answer.Holders.Select(holders => Present(holders, table) with { IsIncomplete = isIncomplete });
        }

        return look.IsSearched && time.GetElapsedTime(look.At, now) >= AgeAtMost ? Hanging : Searching;
    }

    protected override Missing? Shortfall(NamespaceHolders value) =>
        value.Groups.Select(static group => group.Shortfall).FirstOrDefault(static missing => missing is not null);

    protected override Missing? FailureFrom(Missing missing) =>
        missing.Outcome is Outcome.None or Outcome.NotAsked ? null : missing;

    /// <summary>
    /// Removes the processes that have ended. They hold nothing any more, and their ids may be those of others.
    /// </summary>
    static NamespaceHolders Present(NamespaceHolders holders, Reading<ProcessTable> processes) =>
        processes.TryGet(out var table)
            ? holders.Without(process => process.Inode > 0 && table.InodeOf(process.Pid) != process.Inode)
            : holders;

    static bool IsNew(Answer? answer, ImmutableArray<SocketGroup> groups) =>
        answer is null || !answer.Holders.TryGet(out var holders) || groups.Any(group => holders.Find(group) is null);

    bool IsDue(Answer answer, ImmutableArray<SocketGroup> groups, Reading<ProcessTable> table, long now)
    {
        var isOutdated =
            IsNew(answer, groups)
            || !answer.Holders.TryGet(out var holders)
            || Present(holders, table).Processes.Count() < holders.Processes.Count();
        return time.GetElapsedTime(answer.At, now) >= (isOutdated ? BetweenNewLooks : BetweenLooks);
    }

    /// <summary>
    /// Searches, or begins to do so, unless the last search runs still. Returns the reason why it cannot.
    /// </summary>
    Missing? Ask(
        Look look,
        HolderSearch search,
        ImmutableArray<SocketGroup> groups,
        EphemeralPortSettings settings,
        Deadline deadline
    )
    {
        if (look.IsSearched)
            return null;
        if (search.Open(groups, settings, open, deadline) is { } failure)
        {
            search.Dispose();
            return failure;
        }

        look.At = time.GetTimestamp();
        if (lane is null)
        {
            Run(look, search, deadline);
            return null;
        }

        look.IsSearched = true;
        if (lane.TryQueue(() => Run(look, search, Deadline.After(SearchAtMost))))
            return null;

        // The next snapshot tries again.
        look.IsSearched = false;
        search.Dispose();
        return look.Answer is null ? NotBegun : null;
    }

    void Run(Look look, HolderSearch search, Deadline deadline)
    {
        try
        {
            using (search)
            {
                var now = time.GetTimestamp();
                var found = search.Run(deadline);
                look.Answer = new(now, found.Select(holders => look.Times.Date(holders, time.GetElapsedTime(0, now))));
            }
        }
#pragma warning disable CA1031 // A bug must not end the process: outside a snapshot, nothing else catches it.
        catch (Exception bug) when (lane is not null)
#pragma warning restore CA1031
        {
            look.Answer = new(time.GetTimestamp(), new Missing(Absence.Failed, $"{Source}: {bug.Message}"));
        }
        finally
        {
            look.IsSearched = false;
        }
    }

    /// <summary>The searches in a namespace. The lane writes the answer, and the snapshots read it.</summary>
    sealed class Look(long at)
    {
        volatile Answer? _answer;
        volatile bool _isSearched;

        /// <summary>The time of the last search's begin.</summary>
        public long At { get; set; } = at;

        /// <summary>The last answer; null before the first one.</summary>
        public Answer? Answer
        {
            get => _answer;
            set => _answer = value;
        }

        /// <summary>True while a search waits or runs on the lane.</summary>
        public bool IsSearched
        {
            get => _isSearched;
            set => _isSearched = value;
        }

        public HolderTimes Times { get; } = new();
    }

    /// <summary>The answer of a search.</summary>
    /// <param name="At">The time of its begin.</param>
    /// <param name="Holders">The holders.</param>
    sealed record Answer(long At, Reading<NamespaceHolders> Holders);
}
