using System.Collections.Immutable;
using OpenClaw.Kernel.Procfs;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>The network namespace of some processes.</summary>
/// <param name="Identity">Of the namespace, or of <c>net/dev</c> inside it where the kernel does not show the former.</param>
/// <param name="IsVisible">Whether it is the namespace's own.</param>
/// <param name="Pid">The lowest process id in it.</param>
/// <param name="Processes">How many there are.</param>
sealed record ProcessNamespace(FileIdentity Identity, bool IsVisible, int Pid, int Processes);

/// <summary>Gathers the namespaces of processes while they are walked, so that they are walked once.</summary>
sealed class ProcessNamespaces(ProcMount proc)
{
    readonly Dictionary<FileIdentity, ProcessNamespace> _visible = [];
    readonly Dictionary<FileIdentity, ProcessNamespace> _hidden = [];
    readonly Dictionary<FileIdentity, FileIdentity> _byInnerFile = [];

    /// <summary>Adds a process; its namespace, null when it has none that can be told, as a zombie.</summary>
    public FileIdentity? Add(int pid)
    {
        var own = FileIdentity.Of(proc.PathOf($"{pid}/ns/net"));
        if (own.TryGet(out var identity))
        {
            Count(_visible, identity, true, pid);
            return identity;
        }

        if (own.Missing!.Reason != Absence.NotPermitted || !InnerFileOf(pid).TryGet(out var file))
            return null;
        Count(_hidden, file, false, pid);
        return file;
    }

    /// <summary>Each namespace once, when all processes have been added.</summary>
    public ImmutableArray<ProcessNamespace> ToArray()
    {
        // What is seen of processes that may not be looked at is then known to be the same; most exporters may look at all.
        if (_hidden.Count > 0)
        {
            foreach (var visible in _visible.Values)
            {
                if (InnerFileOf(visible.Pid).TryGet(out var inner))
                    _byInnerFile[inner] = visible.Identity;
            }
        }

        foreach (var (file, hidden) in _hidden)
        {
            if (_byInnerFile.TryGetValue(file, out var identity))
            {
                var visible = _visible[identity];
                _visible[identity] = visible with { Processes = visible.Processes + hidden.Processes };
                _hidden.Remove(file);
            }
        }

        return [.. _visible.Values, .. _hidden.Values];
    }

    /// <summary>The same processes, after <see cref="ToArray"/>; those whose namespace only became known by another process are given it.</summary>
    public ImmutableArray<ProcessDescriptors> Resolve(ImmutableArray<ProcessDescriptors> processes) => _byInnerFile.Count == 0
        ? processes
        : [.. processes.Select(process => process with
        {
            NetworkNamespace = process.NetworkNamespace is { } identity ? _byInnerFile.GetValueOrDefault(identity, identity) : null,
        })];

    /// <summary>net/dev is another file in each namespace, and anybody may look at it.</summary>
    Reading<FileIdentity> InnerFileOf(int pid) => FileIdentity.Of(proc.PathOf($"{pid}/net/dev"));

    static void Count(Dictionary<FileIdentity, ProcessNamespace> counts, FileIdentity identity, bool isVisible, int pid) =>
        counts[identity] = counts.TryGetValue(identity, out var known)
            ? known with { Processes = known.Processes + 1, Pid = Math.Min(known.Pid, pid) }
            : new(identity, isVisible, pid, 1);
}
