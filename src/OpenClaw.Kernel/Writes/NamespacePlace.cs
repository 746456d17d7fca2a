using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Writes;

/// <summary>A network namespace in which work can run, from any namespace of the machine.</summary>
/// <param name="Device">The device of the namespace's file.</param>
/// <param name="Inode">The inode of the namespace's file.</param>
/// <param name="Mount">The path where it is mounted; null for none.</param>
/// <param name="IsMachine">True for the machine's own namespace.</param>
public sealed record NamespacePlace(ulong Device, ulong Inode, string? Mount, bool IsMachine)
{
    FileIdentity Identity => new(Device, Inode);

    /// <summary>Finds a namespace.</summary>
    /// <param name="proc">The mounted procfs.</param>
    /// <param name="netns">The namespace; null for that of the calling thread.</param>
    public static Reading<NamespacePlace> Find(ProcMount proc, NetworkNamespace? netns)
    {
        if (netns is null or { IsOwn: true })
        {
            return FileIdentity
                .Read(proc.PathOf("thread-self/ns/net"))
                .Select(own => new NamespacePlace(own.Device, own.Inode, null, proc.IsHostNetwork));
        }

        if (netns.Inode is not null)
            return new NamespacePlace(netns.Identity.Device, netns.Identity.Inode, netns.Mount, IsMachine: false);
        return netns.Pid is { } pid
            ? FileIdentity
                .Read(proc.PathOf($"{pid}/ns/net"))
                .Select(found => new NamespacePlace(found.Device, found.Inode, netns.Mount, IsMachine: false))
            : new Missing(Absence.Gone, $"network namespace {netns.Name}: no process and no file leads to it");
    }

    /// <summary>Runs work in the namespace, on a thread of its own. Missing where the namespace cannot be
    /// entered.</summary>
    public Reading<T> Run<T>(ProcMount proc, Func<T> work) =>
        NamespaceThread.Run(() => Enter(proc) is { } missing ? missing : (Reading<T>)work());

    /// <summary>Moves the calling thread into the namespace. Returns null, or the reason why it cannot.</summary>
    Missing? Enter(ProcMount proc)
    {
        if (IsAt(proc.PathOf("thread-self/ns/net")))
            return null;
        var path = Mount is not null && IsAt(Mount) ? Mount : null;
        if (path is null && proc.Processes().TryGet(out var processes))
        {
            path = processes.Select(process => proc.PathOf($"{process.Pid}/ns/net")).FirstOrDefault(IsAt);
        }

        return path is null
            ? new(Absence.Gone, "the network namespace has ended")
            : NamespaceThread.Enter(path, Sched.CLONE_NEWNET, Identity);
    }

    bool IsAt(string path) => FileIdentity.Read(path).TryGet(out var found) && found == Identity;
}
