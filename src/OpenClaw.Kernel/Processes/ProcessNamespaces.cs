using System.Collections.Immutable;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>A network namespace with its processes.</summary>
/// <param name="identity">The identity of the namespace, or of <c>net/dev</c> inside it where the kernel hides the
/// namespace.</param>
/// <param name="isVisible">True where it is the identity of the namespace itself.</param>
sealed class ProcessNamespace(FileIdentity identity, bool isVisible)
{
    /// <summary>
    /// The limit on process ids that are kept. A process among several probably still exists when it is needed.
    /// </summary>
    const int PidsAtMost = 8;

    readonly List<int> _pids = [];

    /// <summary>The identity of the namespace, or of <c>net/dev</c> inside it.</summary>
    public FileIdentity Identity { get; } = identity;

    /// <summary>True where it is the identity of the namespace itself.</summary>
    public bool IsVisible { get; } = isVisible;

    /// <summary>The number of processes.</summary>
    public int Processes { get; private set; }

    /// <summary>The lowest process ids in the namespace, in order.</summary>
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

    /// <summary>Adds the processes of an entry that is the same namespace.</summary>
    public void Add(ProcessNamespace same) => Processes += same.Processes;
}

/// <summary>The sign that distinguishes the network namespace of a process from others.</summary>
/// <param name="Identity">The identity of the namespace, or of <c>net/dev</c> inside it where the kernel does not show
/// the former.</param>
/// <param name="IsVisible">True where it is the namespace's own.</param>
readonly record struct NamespaceSign(FileIdentity Identity, bool IsVisible);

/// <summary>Gathers the namespaces of processes while they are walked, so that they are walked once.</summary>
sealed class ProcessNamespaces(ProcMount proc)
{
    /// <summary>The limit on threads of one process that are looked at.</summary>
    const int ThreadsAtMost = 256;

    readonly Dictionary<FileIdentity, ProcessNamespace> _visible = [];
    readonly Dictionary<FileIdentity, ProcessNamespace> _hidden = [];
    readonly Dictionary<FileIdentity, FileIdentity> _byInnerFile = [];

    /// <summary>Adds a process to its namespace.</summary>
    public void Add(int pid, NamespaceSign sign)
    {
        var counts = sign.IsVisible ? _visible : _hidden;
        if (!counts.TryGetValue(sign.Identity, out var known))
            counts.Add(sign.Identity, known = new(sign.Identity, sign.IsVisible));
        known.Add(pid);
    }

    /// <summary>
    /// Looks up the threads that are in another namespace than the first one. Only some programs have any: container
    /// engines, and those that look into namespaces themselves.
    /// </summary>
    public static ImmutableArray<(int Id, NamespaceSign Namespace)> FindElsewhere(
        int pid,
        NamespaceSign? first,
        ProcMount proc
    ) =>
        first is not null
        && proc.CountThreads(pid).TryGet(out var count)
        && count > 1
        && proc.Threads(pid, 0, ThreadsAtMost).TryGet(out var threads)
            ?
            [
                .. threads
                    .Select(thread => (Id: thread, Namespace: Find(thread, proc)))
                    .Where(thread => thread.Namespace is { } sign && sign != first)
                    .Select(static thread => (thread.Id, thread.Namespace!.Value)),
            ]
            : [];

    /// <summary>Looks up the namespace of a process; null when it has none that can be told, as a zombie.</summary>
    public static NamespaceSign? Find(int pid, ProcMount proc)
    {
        var own = IdentityOf(pid, proc);
        if (own.TryGet(out var identity))
            return new(identity, IsVisible: true);
        return own.Missing!.Reason == Absence.NotPermitted && InnerFileOf(pid, proc).TryGet(out var file)
            ? new(file, IsVisible: false)
            : null;
    }

    /// <summary>Returns each namespace once, after all processes were added.</summary>
    public ImmutableArray<ProcessNamespace> ToArray()
    {
        // A file inside a hidden namespace may show that it is one of the visible namespaces. Most exporters see all
        // namespaces and skip this.
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
    /// Returns the same processes, after <see cref="ToArray"/>. A process with a hidden namespace gets it where another
    /// process showed it.
    /// </summary>
    public ImmutableArray<ProcessDescriptors> Resolve(ImmutableArray<ProcessDescriptors> processes)
    {
        if (_byInnerFile.Count == 0)
            return processes;
        ImmutableArray<ProcessDescriptors>.Builder? resolved = null;
        for (var i = 0; i < processes.Length; i++)
        {
            if (processes[i].NetworkNamespace is { } file && _byInnerFile.TryGetValue(file, out var identity))
                (resolved ??= processes.ToBuilder())[i] = processes[i] with { NetworkNamespace = identity };
        }

        return resolved?.ToImmutable() ?? processes;
    }

    /// <summary>Returns the namespace of a process, which the kernel may hide from the exporter.</summary>
    public static Reading<FileIdentity> IdentityOf(int pid, ProcMount proc) =>
        FileIdentity.Read(proc.PathOf($"{pid}/ns/net"));

    /// <summary>Returns the identity of net/dev, a different file in each namespace that every user may stat.</summary>
    public static Reading<FileIdentity> InnerFileOf(int pid, ProcMount proc) =>
        FileIdentity.Read(proc.PathOf($"{pid}/net/dev"));
}
