using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Files;

/// <summary>Names the right that is missing to read a file.</summary>
static class FileAccessDenial
{
    const int Permissions = 0xFFF;

    /// <summary>
    /// Adds the owner and mode of the file, or of the folder that hides it, to a missing value that lacks a right.
    /// Returns other missing values as they are.
    /// </summary>
    public static Missing Explain(Missing missing, string path)
    {
        if (missing.Reason != Absence.NotPermitted)
            return missing;

        // A path below a folder without the right of search has no status. The nearest one that has is that folder.
        for (var at = Path.GetFullPath(path); at is not null; at = Path.GetDirectoryName(at))
        {
            if (Stat.statx(Stat.AT_FDCWD, at, 0, Stat.STATX_UID | Stat.STATX_MODE, out var status) == 0)
            {
                var subject = at == Path.GetFullPath(path) ? "" : $"the folder {at} is ";
                var mode = Convert.ToString(status.stx_mode & Permissions, 8).PadLeft(4, '0');
                return missing with
                {
                    Detail =
                        $"{missing.Detail}: {subject}owned by uid {status.stx_uid}, mode {mode}: "
                        + "run as that user, or with CAP_DAC_READ_SEARCH",
                };
            }
        }

        return missing;
    }
}
