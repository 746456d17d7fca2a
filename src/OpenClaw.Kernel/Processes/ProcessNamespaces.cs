using System.Collections.Immutable;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>The network namespace of some processes.</summary>
/// <param name="identity">Of the namespace, or of <c>net/dev</c> inside it where the kernel does not show the
/// former.</param>
/// <param name="isVisible">Whether it is the namespace's own.</param>
sealed class ProcessNamespace(FileIdentity identity, bool isVisible)
{
    /// <summary>
    /// How many processes are known by id: enough that one of them is still there when it is looked for.
    /// </summary>
    const int PidsAtMost = 8;

    readonly List<int> _pids = [];

    /// <summary>Of the namespace, or of <c>net/dev</c> inside it.</summary>
    public FileIdentity Identity { get; } = identity;

    /// <summary>Whether it is the namespace's own.</summary>
    public bool IsVisible { get; } = isVisible;

    /// <summary>How many processes there are.</summary>
    public int Processes { get; private set; }

    /// <summary>The lowest process ids in it, in order.</summary>
    public IReadOnlyList<int> Pids => _pids;

    /// <summary>Adds a process.</summary>
    public void Add(int pid)
    {
        Processes++;
        if (_pids.BinarySearch(pid) is < 0 and var place)
            _pids.Insert(~place, pid);
        if (_pids.Count > PidsAtMost)
            _pids.RemoveAt(PidsAtMost);
    }

    /// <summary>Adds the processes of one that has turned out to be the same.</summary>
    public void Add(ProcessNamespace same) => Processes += same.Processes;
}

/// <summary>Gathers the namespaces of processes while they are walked, so that they are walked once.</summary>
sealed class ProcessNamespaces(ProcMount proc)
{
    readonly Dictionary<FileIdentity, ProcessNamespace> _visible = [];
    readonly Dictionary<FileIdentity, ProcessNamespace> _hidden = [];
    readonly Dictionary<FileIdentity, FileIdentity> _byInnerFile = [];

    /// <summary>Adds a process; its namespace, null when it has none that can be told, as a zombie.</summary>
    public FileIdentity? Add(int pid)
    {
        var own = IdentityOf(pid, proc);
        if (own.TryGet(out var identity))
        {
            Count(_visible, identity, true, pid);
            return identity;
        }

        if (own.Missing!.Reason != Absence.NotPermitted || !InnerFileOf(pid, proc).TryGet(out var file))
            return null;
        Count(_hidden, file, false, pid);
        return file;
    }

    /// <summary>Each namespace once, when all processes have been added.</summary>
    public ImmutableArray<ProcessNamespace> ToArray()
    {
        // What is seen of processes that may not be looked at is then known to be the same; most exporters may look at
        // all.
        if (_hidden.Count > 0)
        {
            foreach (var visible in _visible.Values)
            {
                if (
                    visible
                        .Pids.Select(pid => InnerFileOf(pid, proc))
                        .FirstOrDefault(static file => file.Missing is null)
                        .TryGet(out var inner)
                )
                {
                    _byInnerFile[inner] = visible.Identity;
                }
            }
        }

        foreach (var (file, hidden) in _hidden)
        {
            if (_byInnerFile.TryGetValue(file, out var identity))
            {
                _visible[identity].Add(hidden);
                _hidden.Remove(file);
            }
        }

        return [.. _visible.Values, .. _hidden.Values];
    }

    /// <summary>
    /// The same processes, after <see cref="ToArray"/>; those whose namespace only became known by another process are
    /// given it.
    /// </summary>
    public ImmutableArray<ProcessDescriptors> Resolve(ImmutableArray<ProcessDescriptors> processes) =>
        _byInnerFile.Count == 0
            ? processes
            :
            [
                .. processes.Select(process =>
                    process with
                    {
                        NetworkNamespace = process.NetworkNamespace is { } identity
                            ? _byInnerFile.GetValueOrDefault(identity, identity)
                            : null,
                    }
                ),
            ];

    /// <summary>The namespace of a process; not for everybody to see.</summary>
    public static Reading<FileIdentity> IdentityOf(int pid, ProcMount proc) =>
        FileIdentity.Read(proc.PathOf($"{pid}/ns/net"));

    /// <summary>net/dev is another file in each namespace, and anybody may look at it.</summary>
    public static Reading<FileIdentity> InnerFileOf(int pid, ProcMount proc) =>
        FileIdentity.Read(proc.PathOf($"{pid}/net/dev"));

    static void Count(Dictionary<FileIdentity, ProcessNamespace> counts, FileIdentity identity, bool isVisible, int pid)
    {
        if (!counts.TryGetValue(identity, out var known))
            counts.Add(identity, known = new(identity, isVisible));
        known.Add(pid);
    }
}
