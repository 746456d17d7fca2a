using System.Collections.Immutable;
using OpenClaw.Kernel.Files;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>The names that <c>ip netns</c> and container engines give network namespaces: files that each is mounted
/// on.</summary>
static class NamespaceMounts
{
    static readonly ImmutableArray<string> MountFolders = ["run/netns", "run/docker/netns"];

    /// <summary>
    /// Returns the named namespaces. After an unmount, the name remains as an empty file on another device.
    /// </summary>
    public static Dictionary<FileIdentity, string> Read(string root, ulong device)
    {
        var mounts = new Dictionary<FileIdentity, string>();
        foreach (var folder in MountFolders.Select(folder => Path.Combine(root, folder)))
        {
            if (Folder.IsAbsent(folder))
                continue;
            try
            {
                foreach (var path in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
                {
                    if (FileIdentity.Read(path).TryGet(out var identity) && identity.Device == device)
                        mounts.TryAdd(identity, path);
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // The names are unreadable. The namespaces still show by their processes.
            }
        }

        return mounts;
    }
}
