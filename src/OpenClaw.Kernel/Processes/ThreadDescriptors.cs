using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>
/// Finds threads that have a descriptor table of their own, by unshare(CLONE_FILES). The limit of the process applies
/// to each table, and /proc/PID/fd shows that of the main thread only. The kernel does not tell which threads share a
/// table, so a thread with more descriptors open than the main thread has its own.
/// </summary>
/// <param name="proc">The procfs with the processes.</param>
sealed class ThreadDescriptors(ProcMount proc)
{
    /// <summary>
    /// The limit on threads of one process that are looked at in one snapshot. Each costs about 4 µs. The next
    /// snapshots look at further threads.
    /// </summary>
    public const int ThreadsOfProcess = 256;

    /// <summary>
    /// The limit where all threads were looked at before and their number is the same. A thread that is already running
    /// seldom takes a table of its own.
    /// </summary>
    const int ThreadsInTurn = 8;

    /// <summary>The limit on threads of all processes together that are looked at in one snapshot.</summary>
    const int ThreadsInAll = 4096;

    /// <summary>
    /// The number of descriptors that are listed in the time that a look at one thread takes. Before Linux 6.2 only a
    /// listing counts them.
    /// </summary>
    const int ListedInOneLook = 8;

    /// <summary>The number of unwatched processes, the fullest ones, whose threads are looked at.</summary>
    const int OthersAtMost = 16;

    /// <summary>
    /// The number of times that a thread must have more descriptors than the main thread both before and after. A table
    /// that they share may grow and shrink between two looks.
    /// </summary>
    const int Confirmations = 3;

    readonly Dictionary<string, (int Place, double Utilization)> _fullest = new(StringComparer.Ordinal);
    Dictionary<int, Turn> _turns = [];
    int _first;

    /// <summary>
    /// Returns the same processes. Where a thread has its own table, and it is fuller than the shared one, the process
    /// has the descriptors of that thread. Only watched processes and the fullest others are looked at.
    /// </summary>
    /// <param name="processes">The processes, with the descriptors of their main threads.</param>
    /// <param name="sizeCounts">True where the size of a folder is the number of its descriptors.</param>
    /// <param name="deadline">The deadline, after which processes keep the count of their main threads.</param>
    public ImmutableArray<ProcessDescriptors> Count(
        ImmutableArray<ProcessDescriptors> processes,
        bool sizeCounts,
        Deadline deadline
    )
    {
        var chosen = Choose(processes);
        ImmutableArray<ProcessDescriptors>.Builder? counted = null;
        var turns = new Dictionary<int, Turn>();
        var left = ThreadsInAll;
        int? unreached = null;
        for (var i = 0; i < chosen.Count && !deadline.HasPassed; i++)
        {
            var place = (_first + i) % chosen.Count;
            var process = processes[chosen[place]];
            if (left <= 0)
                unreached ??= place;
            if (
                !process.Open.TryGet(out var open)
                || !proc.CountThreads(process.Pid).TryGet(out var threads)
                || threads <= 1
            )
            {
                continue;
            }

            var cost = sizeCounts ? 1 : 1 + (int)(open / ListedInOneLook);
            var before = _turns.GetValueOrDefault(process.Pid);
            var most = before.Threads == threads ? ThreadsInTurn : ThreadsOfProcess;
            var share = Math.Min(most, left > 0 ? Math.Max(1, left / cost) : 0);
            var turn = Look(process, open, before, share, sizeCounts, out var looks);
            if (turn.Next == 0)
                turn = turn with { Threads = threads };
            left -= looks * cost;
            turns.Add(process.Pid, turn);
            if (turn.Fullest is { } thread && Confirm(process.Pid, thread, sizeCounts) is { } own)
                (counted ??= processes.ToBuilder())[chosen[place]] = process with { Open = own, Thread = thread };
        }

        (_turns, _first) = (turns, unreached ?? 0);
        return counted?.ToImmutable() ?? processes;
    }

    /// <summary>Returns the places of the processes whose threads are looked at.</summary>
    List<int> Choose(ImmutableArray<ProcessDescriptors> processes)
    {
        // Only the fullest of several processes with the same name is shown.
        var chosen = new List<int>();
        _fullest.Clear();
        for (var i = 0; i < processes.Length; i++)
        {
            if (processes[i].IsWatched)
            {
                chosen.Add(i);
                continue;
            }

            var utilization = processes[i].Utilization;
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_fullest, processes[i].Name, out var exists);
            if (!exists || utilization > known.Utilization)
                known = (i, utilization);
        }

        var others = new PriorityQueue<int, double>();
        foreach (var (place, utilization) in _fullest.Values)
        {
            others.Enqueue(place, utilization);
            if (others.Count > OthersAtMost)
                _ = others.Dequeue();
        }

        while (others.TryDequeue(out var place, out _))
            chosen.Add(place);
        return chosen;
    }

    /// <summary>
    /// Looks at the thread that was the fullest last time and at the threads whose turn it is. The fullest of these is
    /// null where none has more than <paramref name="open"/>.
    /// </summary>
    Turn Look(ProcessDescriptors process, long open, Turn turn, int atMost, bool sizeCounts, out int looks)
    {
        looks = 0;
        var (fullest, most) = ((int?)null, open);
        if (turn.Fullest is { } known)
            See(known);
        if (atMost == 0)
            return turn with { Fullest = fullest };
        var listed = proc.Threads(process.Pid, turn.Next, atMost);
        if (!listed.TryGet(out var threads))
            return turn with { Fullest = fullest };
        foreach (var thread in threads)
            See(thread);
        looks = Math.Max(1, threads.Count);
        return turn with { Next = threads.Count < atMost ? 0 : turn.Next + atMost, Fullest = fullest };

        void See(int thread)
        {
            if (CountOf(process.Pid, thread, sizeCounts).TryGet(out var count) && count > most)
                (fullest, most) = (thread, count);
        }
    }

    /// <summary>
    /// Returns the number of descriptors of a thread; null where its table may be that of the main thread.
    /// </summary>
    long? Confirm(int pid, int thread, bool sizeCounts)
    {
        var own = 0L;
        for (var i = 0; i < Confirmations; i++)
        {
            if (
                !CountOf(pid, null, sizeCounts).TryGet(out var before)
                || !CountOf(pid, thread, sizeCounts).TryGet(out own)
                || !CountOf(pid, null, sizeCounts).TryGet(out var after)
                || own <= Math.Max(before, after)
            )
            {
                return null;
            }
        }

        return own;
    }

    /// <summary>
    /// Returns a thread of a process whose main thread has ended; null where the main thread is the only one.
    /// </summary>
    public int? FindLeft(int pid) =>
        proc.CountThreads(pid).TryGet(out var threads)
        && threads > 1
        && proc.Threads(pid, 0, 2).TryGet(out var ids)
        && ids.Find(id => id != pid) is > 0 and var left
            ? left
            : null;

    /// <summary>Returns the number of descriptors of a thread; null for the main thread.</summary>
    public Reading<long> CountOf(int pid, int? thread, bool sizeCounts)
    {
        var folder = ProcessDescriptors.FolderOf(pid, thread);
        return sizeCounts ? proc.SizeOf(folder) : proc.CountEntries(folder);
    }

    /// <summary>The place where the next snapshot goes on with a process.</summary>
    /// <param name="Next">The number of threads before the next one.</param>
    /// <param name="Fullest">The thread with the most descriptors, if these are more than those of the main
    /// thread.</param>
    /// <param name="Threads">The number of threads when all were looked at; 0 before that.</param>
    readonly record struct Turn(int Next, int? Fullest, long Threads);
}
