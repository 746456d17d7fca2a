namespace OpenClaw.Kernel.Files;

/// <summary>Follows the links in a path as a process with another root does.</summary>
static class RootedPath
{
    /// <summary>MAXSYMLINKS of include/linux/namei.h, above which the kernel returns ELOOP.</summary>
    const int LinksAtMost = 40;

    /// <summary>
    /// Returns the path below the root that a path leads to there. Absolute links begin at that root, and no link leads
    /// above it.
    /// </summary>
    /// <param name="root">The root, such as /proc/PID/root.</param>
    /// <param name="path">The absolute path as the process sees it.</param>
    public static string Resolve(string root, string path)
    {
        var pending = new Stack<string>(path.Split('/').Reverse());
        var done = new List<string>();
        var links = 0;
        while (pending.TryPop(out var name))
        {
            if (name is "" or ".")
                continue;
            if (name == "..")
            {
                done.RemoveRange(Math.Max(done.Count - 1, 0), Math.Min(done.Count, 1));
                continue;
            }

            if (TargetOf($"{Below(root, done)}/{name}") is not { } target || ++links > LinksAtMost)
            {
                done.Add(name);
                continue;
            }

            if (target.StartsWith('/'))
                done.Clear();
            foreach (var part in target.Split('/').Reverse())
                pending.Push(part);
        }

        return Below(root, done);
    }

    static string Below(string root, List<string> names) =>
        names.Count == 0 ? root : $"{root}/{string.Join('/', names)}";

    /// <summary>Returns the target of a link; null for another file, and where it cannot be read.</summary>
    static string? TargetOf(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
