using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Holders;

/// <summary>A process, and the sockets among those in question that it has open.</summary>
/// <param name="Pid">The process id.</param>
/// <param name="Places">The places of the sockets, each once, in ascending order.</param>
sealed record SocketsOfProcess(int Pid, int[] Places)
{
    /// <summary>Makes the sockets of a process. Several of its descriptors may be the same socket.</summary>
    public static SocketsOfProcess From(int pid, List<int> descriptors)
    {
        descriptors.Sort();
        var places = new int[descriptors.Count];
        var count = 0;
        foreach (var place in descriptors)
        {
            if (count == 0 || places[count - 1] != place)
                places[count++] = place;
        }

        return new(pid, count == places.Length ? places : places[..count]);
    }
}

/// <summary>
/// Finds the processes of sockets: for many sockets by a program in the kernel, where that can be loaded, else by the
/// links in /proc/PID/fd. The processes of the network namespace come first, and
/// of them those with the most descriptors. Sockets may also be held from other namespaces.
/// </summary>
/// <param name="proc">The procfs.</param>
/// <param name="table">The processes; missing where they are not known.</param>
/// <param name="netns">The network namespace of the sockets; null where that is not known.</param>
/// <param name="program">The program in the kernel, or the reason why there is none.</param>
sealed class SocketProcesses(
    ProcMount proc,
    Reading<ProcessTable> table,
    FileIdentity? netns,
    Lazy<Reading<TaskFileProgram>> program
)
{
    /// <summary>
    /// The number of sockets from which the program is used. It passes all descriptors of the machine. Fewer sockets
    /// are found sooner in the processes with most of them.
    /// </summary>
    public const int AtOnceFrom = 1000;

    /// <summary>The number of descriptors from which a sample of a process is read first.</summary>
    const long LargeFrom = 1000;

    /// <summary>The number of links of a sample.</summary>
    const long Sample = 256;

    /// <summary>The number of processes whose descriptors could not be read.</summary>
    public int Refused { get; private set; }

    /// <summary>The reason why those of the first could not be read.</summary>
    public Missing? Why { get; private set; }

    /// <summary>True where the time ended before all sockets were found.</summary>
    public bool IsLate { get; private set; }

    /// <summary>Finds the processes of sockets.</summary>
    /// <param name="places">The sockets.</param>
    /// <param name="sharers">The time after which only sockets without a process are searched further. Until then,
    /// further processes that have the same sockets are found too.</param>
    /// <param name="deadline">The time after which nothing is searched.</param>
    /// <param name="atOnceFrom">The number of sockets from which the program is used.</param>
    public List<SocketsOfProcess> Find(
        InodePlaces places,
        Deadline sharers,
        Deadline deadline,
        int atOnceFrom = AtOnceFrom
    )
    {
        if (places.Count >= atOnceFrom && PidNamespace.IsFirst(proc) && program.Value.TryGet(out var all))
        {
            var atOnce = FindAtOnce(all, places, deadline);
            if (atOnce.TryGet(out var every))
                return every;
        }

        return FindByLinks(places, sharers, deadline);
    }

    /// <summary>
    /// Reads the links. A large process without any of the sockets in a sample of its descriptors comes last: it is
    /// often the server at the other end.
    /// </summary>
    List<SocketsOfProcess> FindByLinks(InodePlaces places, Deadline sharers, Deadline deadline)
    {
        var found = new List<SocketsOfProcess>();
        if (places.Count == 0)
            return found;
        var isFound = new bool[places.Length];
        var left = places.Count;
        var later = new List<Candidate>();
        foreach (var process in Candidates())
        {
            if (deadline.HasPassed || (left == 0 && sharers.HasPassed))
                break;
            if (process.Open > LargeFrom && !HasAny(process, places))
                later.Add(process);
            else
                ReadAll(process);
        }

        foreach (var process in later)
        {
            if (deadline.HasPassed || left == 0)
                break;
            ReadAll(process);
        }

        IsLate = left > 0 && deadline.HasPassed;
        return found;

        void ReadAll(Candidate process)
        {
            var sockets = new List<int>();
            var failure = Links(
                process with
                {
                    Open = 0,
                },
                long.MaxValue,
                place =>
                {
                    sockets.Add(place);
                    left -= isFound[place] ? 0 : 1;
                    isFound[place] = true;
                },
                places
            );
            if (failure is { Reason: Absence.NotPermitted })
            {
                Refused++;
                Why ??= failure;
            }

            if (sockets.Count > 0)
                found.Add(SocketsOfProcess.From(process.Pid, sockets));
        }
    }

    /// <summary>Returns true where a sample of the descriptors of a process has one of the sockets.</summary>
    bool HasAny(Candidate process, InodePlaces places)
    {
        var hasAny = false;
        var failure = Links(process, Sample, _ => hasAny = true, places);
        return hasAny || failure is not null;
    }

    Missing? Links(Candidate process, long atMost, Action<int> take, InodePlaces places)
    {
        var taker = DescriptorLinks.EachSocket(inode =>
        {
            if (places.Find(inode) is >= 0 and var place)
                take(place);
        });
        return process
            .Folders.Select(folder => DescriptorLinks.Count(proc, folder, process.Open, atMost, taker).Missing)
            .ToList()
            .Find(static failure => failure is not null);
    }

    static Reading<List<SocketsOfProcess>> FindAtOnce(TaskFileProgram program, InodePlaces places, Deadline deadline)
    {
        var byPid = new Dictionary<int, List<int>>();
        var (last, ofLast) = (0, new List<int>());
        var failure = program.Read(
            places,
            (pid, place) =>
            {
                // The sockets of a process come one after the other.
                if (pid != last)
                {
                    if (!byPid.TryGetValue(pid, out ofLast!))
                        byPid[pid] = ofLast = [];
                    last = pid;
                }

                ofLast.Add(place);
            },
            deadline
        );
        if (failure is not null)
            return failure;
        return byPid.Select(static process => SocketsOfProcess.From(process.Key, process.Value)).ToList();
    }

    /// <summary>Returns the processes in the order in which they are searched.</summary>
    IEnumerable<Candidate> Candidates()
    {
        if (!table.TryGet(out var known))
        {
            return proc.Processes().TryGet(out var all)
                ? all.Select(static process => Candidate.From(process.Pid))
                : [];
        }

        var self =
            proc.ReadLink("self").TryGet(out var link)
            && int.TryParse(link, NumberStyles.None, CultureInfo.InvariantCulture, out var own)
                ? own
                : 0;
        return known
            .Processes.OrderByDescending(process => process.NetworkNamespace == netns)
            .ThenByDescending(static process => process.Open.TryGet(out var open) ? open : 0)
            .Select(Candidate.From)
            .Append(Candidate.From(self))
            .Where(static process => process.Pid > 0);
    }

    /// <summary>A process that may have some of the sockets.</summary>
    /// <param name="Pid">The process id.</param>
    /// <param name="Open">The number of its descriptors; 0 where that is not known.</param>
    /// <param name="Folders">The folders with links of its descriptors, one for each table.</param>
    sealed record Candidate(int Pid, long Open, ImmutableArray<string> Folders)
    {
        public static Candidate From(int pid) => new(pid, 0, [ProcessDescriptors.FolderOf(pid, null)]);

        public static Candidate From(ProcessDescriptors process) =>
            new(
                process.Pid,
                process.Open.TryGet(out var open) ? open : 0,
                process is { Thread: not null, IsMainThreadGone: false }
                    ? [ProcessDescriptors.FolderOf(process.Pid, null), process.Folder]
                    : [process.Folder]
            );
    }
}
