using System.Globalization;
using OpenClaw.Kernel.Procfs;

namespace OpenClaw.Kernel.Links;

/// <summary>The network namespaces of the machine that can be seen from here.</summary>
/// <param name="Count">
/// How many: those of processes and those with a name, each once. Without CAP_SYS_PTRACE the namespaces of other users'
/// processes are hidden, and one that only an open descriptor keeps alive never shows: it is a lower bound.
/// </param>
public sealed record NetworkNamespaces(int Count);

/// <summary>Counts network namespaces by their inode.</summary>
/// <param name="proc">The mount whose processes are looked at.</param>
/// <param name="names">Where <c>ip netns</c> keeps the named ones.</param>
sealed class NetworkNamespacesReader(ProcMount proc, string names = NetworkNamespacesReader.Names)
    : Reader<NetworkNamespaces>("network_namespaces", $"/proc/PID/ns/net, {Names}")
{
    const string Names = "/run/netns";

    protected override Reading<NetworkNamespaces> Read(Sampling sampling)
    {
        var own = FileIdentity.Of(proc.PathOf("self/ns/net"));
        var seen = new HashSet<FileIdentity>();
        if (own.TryGet(out var self))
            seen.Add(self);
        try
        {
            foreach (var directory in Directory.EnumerateDirectories(proc.Root))
            {
                if (sampling.Deadline.HasPassed)
                    return new Missing(Absence.TimedOut, $"{Source}: deadline passed after {seen.Count} namespaces");
                if (int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out _)
                    && FileIdentity.Of(directory + "/ns/net").TryGet(out var netns))
                {
                    seen.Add(netns);
                }
            }

            if (seen.Count == 0)
                return own.Missing!;
            AddNamed(seen);
        }
        catch (IOException error)
        {
            return new Missing(Absence.NotPresent, $"{Source}: {error.Message}");
        }
        catch (UnauthorizedAccessException error)
        {
            return new Missing(Absence.NotPermitted, $"{Source}: {error.Message}");
        }

        return new NetworkNamespaces(seen.Count);
    }

    /// <summary>A name whose namespace was unmounted is left behind as an empty file, on another device than namespaces are.</summary>
    void AddNamed(HashSet<FileIdentity> seen)
    {
        if (!Directory.Exists(names))
            return;
        var device = seen.First().Device;
        foreach (var name in Directory.EnumerateFiles(names))
        {
            if (FileIdentity.Of(name).TryGet(out var netns) && netns.Device == device)
                seen.Add(netns);
        }
    }
}
