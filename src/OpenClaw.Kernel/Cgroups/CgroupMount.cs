using System.Text;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Cgroups;

/// <summary>
/// Where the cgroup v2 hierarchy is mounted: /sys/fs/cgroup, or its folder "unified" beside version 1.
/// </summary>
public static class CgroupMount
{
    /// <summary>Where sysfs is, unless somebody says otherwise.</summary>
    public const string Sysfs = "/sys";

    const string MountsFile = "self/mounts";

    /// <summary>
    /// The path of the first mount of type cgroup2; below another sysfs, such as the machine's in a container that has
    /// it elsewhere, of the first folder that has a hierarchy's file.
    /// </summary>
    public static Reading<string> Find(ProcMount proc, string sysfs = Sysfs)
    {
        if (sysfs == Sysfs)
            return proc.Read(MountsFile, Parse);
        string[] candidates = [Path.Combine(sysfs, "fs/cgroup"), Path.Combine(sysfs, "fs/cgroup/unified")];
        return
            Array.Find(candidates, static folder => File.Exists(Path.Combine(folder, "cgroup.controllers")))
                is { } found
            ? found
            : new Missing(
                Absence.NotPresent,
                $"{string.Join(", ", candidates)}: no cgroup.controllers, and so no cgroup2"
            );
    }

    /// <summary>Finds it in the lines "device path type options 0 0".</summary>
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
    /// Spaces, tabs, newlines and backslashes in a path are written as a backslash and three octal digits (mangle()).
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
