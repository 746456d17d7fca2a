using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Text;

/// <summary>
/// The folders of a procfs for the network. A missing file shows that the kernel lacks a feature only where its folder
/// is there. An empty mount, and one with subset=pid, lacks the folder too.
/// </summary>
static class NetworkFolders
{
    static readonly string[] All = ["sys/net", "thread-self/net"];

    /// <summary>Returns the reason for a missing file; unseen where its folder is missing too.</summary>
    public static Missing Judge(ProcMount proc, string relative, Missing missing) =>
        missing.Reason == Absence.NotPresent
        && Array.Find(All, folder => relative.StartsWith(folder + "/", StringComparison.Ordinal)) is { } folder
        && !proc.Exists(folder)
            ? new(Absence.Failed, $"{missing.Detail}; every Linux kernel has {proc.Root}/{folder}")
            : missing;
}
