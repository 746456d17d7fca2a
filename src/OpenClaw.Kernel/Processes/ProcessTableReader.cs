using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>Walks the processes once and reads descriptors, limits, names and network namespaces.</summary>
/// <param name="proc">The procfs to walk.</param>
/// <param name="watch">Selects the watched processes. It is matched against name and whole command line, as pgrep -f
/// does.</param>
/// <param name="clock">The clock that tells when a process was looked at last.</param>
/// <param name="ownNamespaceOnly">True to leave out the processes of other network namespaces.</param>
sealed class ProcessTableReader(ProcMount proc, Regex watch, TimeProvider clock, bool ownNamespaceOnly = false)
    : Reader<ProcessTable>("processes", "/proc/PID/{fd,task/*/fd,limits,comm,cmdline,ns/net}")
{
    /// <summary>
    /// A process that has this part of its limit open has the limit read each time, for prlimit() may have changed it.
    /// </summary>
    const int NearLimit = 2;

    static readonly Missing NoLimits = new(Absence.NotAsked, "not read for a process without open descriptors");

    readonly ThreadDescriptors _threads = new(proc);
    readonly DescriptorFolders _folders = new(proc);
    readonly LimitSources _limits = new(proc);
    readonly long _start = clock.GetTimestamp();
    readonly List<(int Pid, ulong Inode)> _listed = [];
    readonly List<ProcessDescriptors> _processes = [];
    ImmutableArray<ProcessDescriptors> _last = [];
    bool? _isOfContainer;
    Dictionary<ProcessIdentity, Entry> _known = [];

    /// <summary>The dictionary of the snapshot before the last one, which the next one fills again.</summary>
    Dictionary<ProcessIdentity, Entry> _spare = [];

    /// <summary>True where the procfs shows only a container's processes. Read once: it never changes.</summary>
    bool IsOfContainer => _isOfContainer ??= PidNamespace.IsOwnChild(proc);

    protected override Reading<ProcessTable> Read(SamplingPass sampling)
    {
        // The link has the pid in the pid namespace of this procfs. It differs from getpid() when the host's procfs
        // is mounted.
        var self =
            proc.ReadLink("self").TryGet(out var link)
            && int.TryParse(link, NumberStyles.None, CultureInfo.InvariantCulture, out var own)
                ? own
                : 0;
        var sizeCounts = SizeCountsDescriptors();
        Reading<FileIdentity> only = ownNamespaceOnly ? FileIdentity.Read(proc.PathOf("thread-self/ns/net")) : default;
        if (ownNamespaceOnly && only.Missing is { } hidden)
            return hidden;
        _processes.Clear();
        var namespaces = new ProcessNamespaces(proc);
        var listed = proc.Processes(_listed);
        if (!listed.TryGet(out var ids))
            return listed.Missing!;
        if (ids.Count == 0)
            return new Missing(Absence.Failed, $"{proc.Root}: no process found; not a procfs?");
        var unnamed = HiddenProcesses.Find(proc, IsOfContainer);
        var now = clock.GetElapsedTime(_start);
        var known = _spare;
        known.Clear();
        foreach (var (pid, inode) in ids)
        {
            if (sampling.Deadline.HasPassed)
                return new Missing(Absence.TimedOut, $"{Source}: deadline passed; processes read: {_processes.Count}");
            var identity = new ProcessIdentity(pid, inode);
            var (last, lastShown) = _known.GetValueOrDefault(identity);
            if (last is { IsKernelThread: true } && !last.IsDue(pid, now))
            {
                known.Add(identity, new(last, null));
                continue;
            }

            // Each look may find the process gone; it is left out then, for it holds nothing any more.
            var open = sizeCounts ? _folders.SizeFor(pid) : proc.CountEntries($"{pid}/fd");
            if (open.Outcome == Outcome.Gone)
                continue;
            var read = Know(pid, open, last, now);
            if (read.Outcome == Outcome.Unseen)
                unnamed ??= read.Missing;
            if (!read.TryGet(out var process))
                continue;
            if (ownNamespaceOnly && process.Namespace?.Identity != only.Value)
            {
                known.Add(identity, new(process, null));
                continue;
            }

            if (process.Thread is { } left)
                open = _threads.CountOf(pid, left, sizeCounts);
            if (process.Namespace is { } sign)
                namespaces.Add(process.Thread ?? pid, sign);
            foreach (var (thread, elsewhere) in process.Elsewhere)
                namespaces.Add(thread, elsewhere);
            ProcessDescriptors? shown = null;
            if (pid != self && (process.IsWatched || !IsZero(open)) && process.Limits.Outcome != Outcome.Gone)
            {
                // Most processes are as they were. The same object for them spares one for each process and snapshot.
                shown =
                    ReferenceEquals(process, last) && IsSame(lastShown?.Open, open)
                        ? lastShown!
                        : Describe(identity, process, open);
                _processes.Add(shown);
            }

            known.Add(identity, new(process, shown));
        }

        // Ended processes are forgotten with the old dictionary.
        (_known, _spare) = (known, _known);
        _spare.Clear();
        var all = namespaces.ToArray();
        if (!IsAsBefore())
            _last = [.. _processes];
        var counted = _threads.Count(_last, sizeCounts, sampling.Deadline);
        return new ProcessTable(namespaces.Resolve(counted))
        {
            NetworkNamespaces = all,
            Unnamed = unnamed,
            IsOfContainer = IsOfContainer,
        };
    }

    /// <summary>Returns true where all processes are the same objects as in the last snapshot.</summary>
    bool IsAsBefore()
    {
        var isSame = _processes.Count == _last.Length;
        for (var i = 0; isSame && i < _last.Length; i++)
            isSame = ReferenceEquals(_processes[i], _last[i]);
        return isSame;
    }

    /// <summary>
    /// Reports processes that are hidden or cannot be counted, which would otherwise be missing silently. Before Linux
    /// 6.2 those of other users need CAP_SYS_PTRACE.
    /// </summary>
    protected override Missing? Shortfall(ProcessTable value) => value.Uncounted;

    /// <summary>Returns what is known of a process, read again where it is due or where it will be shown.</summary>
    Reading<KnownProcess> Know(int pid, Reading<long> open, KnownProcess? known, TimeSpan now)
    {
        var isDue = known is null || known.IsDue(pid, now) || (IsZero(open) && known.Name.CommandLine.Length > 0);
        if (isDue || known!.IsWatched)
            return LookAgain(pid, open, known, isDue ? now : known!.ReadAt);
        if (IsZero(open))
            return known;
        var isNear =
            !known.Limits.TryGet(out var limits)
            || (open.TryGet(out var count) && count >= limits.OpenFilesSoft / NearLimit);
        return isNear ? known with { Limits = LimitsOf(pid, known) } : known;
    }

    /// <summary>Reads the name, and with it the rest. Apart, because its closure is allocated.</summary>
    Reading<KnownProcess> LookAgain(int pid, Reading<long> open, KnownProcess? known, TimeSpan at)
    {
        // A name that cannot be read now, for lack of a descriptor, is unchanged.
        var named = ProcessName.Read(proc, pid);
        return known is not null && named.Outcome == Outcome.Unseen
            ? known
            : named.Select(name => Look(pid, name, open, known, at));
    }

    /// <param name="pid">The process.</param>
    /// <param name="name">Its name, which was just read.</param>
    /// <param name="open">The number of its descriptors.</param>
    /// <param name="known">The last look; null for a new process.</param>
    /// <param name="at">The time of the look. It is that of the last one where the namespaces of the threads are not
    /// due: a watched process may have hundreds of threads.</param>
    KnownProcess Look(int pid, ProcessName name, Reading<long> open, KnownProcess? known, TimeSpan at)
    {
        var isWatched = watch.IsMatch(name.Name) || watch.IsMatch(name.CommandLine);

        // Most entries of a quiet machine are kernel threads, and the kernel formats 16 rows of limits for each.
        var holdsNothing = IsZero(open);
        var isBare = holdsNothing && name.CommandLine.Length == 0;
        var thread = isBare ? _threads.FindLeft(pid) : null;
        var netns = isBare && thread is null ? null : ProcessNamespaces.Find(thread ?? pid, proc);
        var isSame = known is not null && known.ReadAt == at && known.Namespace == netns;
        return new(name, isWatched || !holdsNothing || thread is not null ? LimitsOf(pid, known) : NoLimits, netns)
        {
            Elsewhere = isSame ? known!.Elsewhere : ProcessNamespaces.FindElsewhere(pid, netns, proc),
            IsWatched = isWatched,
            IsKernelThread = isBare && thread is null && !isWatched && IsKernelThread(pid),
            Thread = thread,
            IsWatchedProgram =
                isSame && known!.Name == name ? known.IsWatchedProgram : isWatched && IsWatchedProgram(pid, name),
            FirstSeen = known?.FirstSeen ?? at,
            ReadAt = at,
        };
    }

    static ProcessDescriptors Describe(ProcessIdentity identity, KnownProcess process, Reading<long> open) =>
        new(identity.Pid, process.Name.Name, process.IsWatched, open, process.Limits)
        {
            Inode = identity.Inode,
            IsWatchedProgram = process.IsWatchedProgram,
            NetworkNamespace = process.Namespace?.Identity,
            Thread = process.Thread,
            IsMainThreadGone = process.Thread is not null,
        };

    Reading<ProcessLimits> LimitsOf(int pid, KnownProcess? known)
    {
        var limits = _limits.Read(pid);
        return limits.Outcome == Outcome.Unseen && known is { Limits.Missing: null } ? known.Limits : limits;
    }

    bool IsKernelThread(int pid) =>
        proc.Read<bool>($"{pid}/stat", static text => ProcessStat.IsKernelThread(text)).TryGet(out var isOne) && isOne;

    static bool IsSame(Reading<long>? last, Reading<long> open) =>
        last is { } before && before.TryGet(out var was) && open.TryGet(out var count) && was == count;

    static bool IsZero(Reading<long> open) => open.TryGet(out var count) && count == 0;

    bool IsWatchedProgram(int pid, ProcessName name) =>
        !IsExporter(name.Name)
        && !name.Programs.Any(static program => IsExporter(program))
        && (
            watch.IsMatch(name.Name)
            || name.Programs.Any(watch.IsMatch)
            || (
                proc.Read($"{pid}/cgroup", ProcessOwner.Parse).TryGet(out var owner)
                && owner
                    .Cgroup.Split('/')
                    .Any(part =>
                        part.EndsWith(".service", StringComparison.Ordinal) && !IsExporter(part) && watch.IsMatch(part)
                    )
            )
        );

    static bool IsExporter(string name) => ProcessName.IsExporter(name);

    /// <summary>
    /// Returns true where the size of /proc/PID/fd is the number of descriptors, which needs no privilege. Linux 6.2
    /// and newer do this (commit f1f1f2569901).
    /// </summary>
    bool SizeCountsDescriptors() => proc.SizeOf("self/fd").TryGet(out var size) && size > 0;

    /// <summary>A process of the last snapshot.</summary>
    /// <param name="Process">The part that seldom changes.</param>
    /// <param name="Shown">Its descriptors, as the snapshot has them; null where it does not.</param>
    readonly record struct Entry(KnownProcess? Process, ProcessDescriptors? Shown);
}
