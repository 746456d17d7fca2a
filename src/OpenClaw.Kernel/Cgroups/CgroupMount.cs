using System.Text;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Cgroups;

/// <summary>
/// The mount point of the cgroup v2 hierarchy: /sys/fs/cgroup, or its folder "unified" beside version 1.
/// </summary>
public static class CgroupMount
{
    /// <summary>The default mount point of sysfs.</summary>
    public const string Sysfs = "/sys";

    const string MountsFile = "self/mounts";

    /// <summary>
    /// Finds the path of the first mount of type cgroup2. Below another sysfs, such as the machine's in a container, it
    /// is the first folder with the file cgroup.controllers.
    /// </summary>
    public static Reading<string> Find(ProcMount proc, string sysfs = Sysfs)
    {
        if (sysfs == Sysfs)
            return proc.Read(MountsFile, Parse);
        string[] candidates = [Path.Combine(sysfs, "fs/cgroup"), Path.Combine(sysfs, "fs/cgroup/unified")];
        Missing? unseen = null;
        foreach (var folder in candidates)
        {
            if (FileIdentity.Read(Path.Combine(folder, "cgroup.controllers")).Missing is not { } missing)
                return folder;
            unseen ??= missing.IsUnseen ? missing : null;
        }

        return unseen
            ?? new Missing(
                Absence.NotPresent,
                $"{string.Join(", ", candidates)}: no cgroup.controllers, so no cgroup2"
            );
    }

    /// <summary>Finds the path in the lines "device path type options 0 0".</summary>
    public static Reading<string> Parse(ReadOnlySpan<byte> text)
    {
        foreach (var line in text.Split((byte)'\n'))
        {
            var fields = text[line].Split((byte)' ');
            if (fields.MoveNext() && fields.MoveNext())
            {
                var path = text[line][fields.Current];
                if (fields.MoveNext() && text[line][fields.Current].SequenceEqual("cgroup2"u8))
                    return Unescaped(path);
            }
        }

        return new Missing(Absence.NotPresent, "no mount of type cgroup2");
    }

    /// <summary>
    /// Decodes a path. The kernel writes spaces, tabs, newlines and backslashes as a backslash and three octal digits
    /// (mangle()).
    /// </summary>
    static string Unescaped(ReadOnlySpan<byte> path)
    {
        var bytes = new List<byte>(path.Length);
        for (var i = 0; i < path.Length; i++)
        {
            if (path[i] == '\\' && i + 3 < path.Length)
            {
                bytes.Add((byte)(((path[i + 1] - '0') << 6) | ((path[i + 2] - '0') << 3) | (path[i + 3] - '0')));
                i += 3;
            }
            else
            {
                bytes.Add(path[i]);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}
