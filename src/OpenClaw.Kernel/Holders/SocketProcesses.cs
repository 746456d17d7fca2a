using System.Globalization;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Holders;

/// <summary>A process, and the sockets among those in question that it has open.</summary>
/// <param name="Pid">The process id.</param>
/// <param name="Inodes">The inodes of the sockets, each once, in ascending order.</param>
sealed record SocketsOfProcess(int Pid, ulong[] Inodes);

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

    /// <summary>The number of processes whose descriptors could not be read.</summary>
    public int Refused { get; private set; }

    /// <summary>The reason why those of the first could not be read.</summary>
    public Missing? Why { get; private set; }

    /// <summary>True where the time ended before all sockets were found.</summary>
    public bool IsLate { get; private set; }

    /// <summary>Finds the processes of sockets.</summary>
    /// <param name="wanted">The inodes of the sockets, each once, in ascending order.</param>
    /// <param name="sharers">The time after which only sockets without a process are searched further. Until then,
    /// further processes that have the same sockets are found too.</param>
    /// <param name="deadline">The time after which nothing is searched.</param>
    /// <param name="atOnceFrom">The number of sockets from which the program is used.</param>
    public List<SocketsOfProcess> Find(ulong[] wanted, Deadline sharers, Deadline deadline, int atOnceFrom = AtOnceFrom)
    {
        if (wanted.Length >= atOnceFrom && PidNamespace.IsFirst(proc) && program.Value.TryGet(out var all))
        {
            var atOnce = FindAtOnce(all, wanted, deadline);
            if (atOnce.TryGet(out var every))
                return every;
        }

        var found = new List<SocketsOfProcess>();
        if (wanted.Length == 0)
            return found;
        var isFound = new bool[wanted.Length];
        var left = wanted.Length;
        foreach (var pid in Candidates())
        {
            if (deadline.HasPassed || (left == 0 && sharers.HasPassed))
                break;
            var inodes = new List<ulong>();
            var failure = DescriptorLinks
                .Count(
                    proc,
                    ProcessDescriptors.FolderOf(pid, null),
                    0,
                    long.MaxValue,
                    DescriptorLinks.EachSocket(inode =>
                    {
                        if (Array.BinarySearch(wanted, inode) is >= 0 and var place)
                        {
                            inodes.Add(inode);
                            left -= isFound[place] ? 0 : 1;
                            isFound[place] = true;
                        }
                    })
                )
                .Missing;
            if (failure is { Reason: Absence.NotPermitted })
            {
                Refused++;
                Why ??= failure;
            }

            if (inodes.Count > 0)
                found.Add(new(pid, [.. inodes.Distinct().Order()]));
        }

        IsLate = left > 0 && deadline.HasPassed;
        return found;
    }

    static Reading<List<SocketsOfProcess>> FindAtOnce(TaskFileProgram program, ulong[] wanted, Deadline deadline)
    {
        var byPid = new Dictionary<int, List<ulong>>();
        var failure = program.Read(
            (pid, inode) =>
            {
                if (Array.BinarySearch(wanted, inode) < 0)
                    return;
                if (!byPid.TryGetValue(pid, out var inodes))
                    byPid[pid] = inodes = [];
                inodes.Add(inode);
            },
            deadline
        );
        if (failure is not null)
            return failure;
        return byPid
            .Select(static process => new SocketsOfProcess(process.Key, [.. process.Value.Distinct().Order()]))
            .ToList();
    }

    IEnumerable<int> Candidates()
    {
        if (!table.TryGet(out var known))
            return proc.Processes().TryGet(out var all) ? all.Select(static process => process.Pid) : [];
        var self =
            proc.ReadLink("self").TryGet(out var link)
            && int.TryParse(link, NumberStyles.None, CultureInfo.InvariantCulture, out var own)
                ? own
                : 0;
        return known
            .Processes.OrderByDescending(process => process.NetworkNamespace == netns)
            .ThenByDescending(static process => process.Open.TryGet(out var open) ? open : 0)
            .Select(static process => process.Pid)
            .Append(self)
            .Where(static pid => pid > 0);
    }
}
