using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Hosts;

/// <summary>The names by which people know the machine and its kernel.</summary>
/// <param name="Name">The host name: that of the machine's own file where its file system is mounted, as a container
/// has another one.</param>
/// <param name="KernelRelease">The release of the kernel, such as 6.18.5; empty when it cannot be read.</param>
public sealed record HostIdentity(string Name, string KernelRelease)
{
    /// <summary>The random id of this start of the kernel, the same in every container; empty when it cannot be
    /// read.</summary>
    public string BootId { get; init; } = "";

    /// <summary>The inode of the network namespace that the exporter runs in; null when it cannot be read.</summary>
    public ulong? NetnsInode { get; init; }

    /// <summary>The names as words: "web-1, Linux 6.18.5".</summary>
    public string Words => KernelRelease.Length > 0 ? $"{Name}, Linux {KernelRelease}" : Name;

    internal const string Files =
        "/etc/hostname, /proc/sys/kernel/{hostname,osrelease,random/boot_id}, /proc/thread-self/ns/net";

    /// <summary>Reads the names.</summary>
    /// <param name="proc">The mounted procfs.</param>
    /// <param name="root">The mount point of the machine's root file system.</param>
    internal static Reading<HostIdentity> Read(ProcMount proc, string root)
    {
        var release = Word(proc, "sys/kernel/osrelease").TryGet(out var kernel) ? kernel : "";
        var boot = Word(proc, "sys/kernel/random/boot_id").TryGet(out var id) ? id : "";
        var name = OfMachine(root) is { } machine ? machine : Word(proc, "sys/kernel/hostname");
        var netns = FileIdentity.Read(proc.PathOf("thread-self/ns/net"), KernelCall.File);
        return name.Select(name => new HostIdentity(name, release)
        {
            BootId = boot,
            NetnsInode = netns.TryGet(out var identity) ? identity.Inode : null,
        });
    }

    static Reading<string> Word(ProcMount proc, string file) =>
        proc.ReadText(file).Select(static text => text.TrimEnd('\n'));

    /// <summary>
    /// Returns the name in the mounted file system of the machine; null where that is the exporter's own.
    /// </summary>
    static string? OfMachine(string root)
    {
        if (root is "/" or "")
            return null;

        // A file system without the file: the kernel's name is used.
        return RegularFile.ReadText(Path.Combine(root, "etc/hostname"), Bounds.HostNameFileBytes).TryGet(out var text)
            ? text.Split('\n').FirstOrDefault(static line => line.Length > 0)?.Trim()
            : null;
    }
}
