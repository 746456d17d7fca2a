using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Files;

/// <summary>A folder that may not exist.</summary>
public static class Folder
{
    /// <summary>
    /// Returns true where the folder does not exist, and false where it does or where that cannot be told. A listing
    /// then gives the reason. A listing of an absent folder throws, which is slow.
    /// </summary>
    public static bool IsAbsent(string path) =>
        Stat.statx(Stat.AT_FDCWD, path, 0, Stat.STATX_TYPE, out _) != 0
        && Marshal.GetLastPInvokeError() is (Errno.ENOENT or Errno.ENOTDIR);

    /// <summary>Returns the user id of the owner of a file or folder; links are followed.</summary>
    public static Reading<uint> OwnerOf(string path) =>
        Stat.statx(Stat.AT_FDCWD, path, 0, Stat.STATX_UID, out var status) == 0
            ? status.stx_uid
            : Missing.FromErrno(Marshal.GetLastPInvokeError(), path, KernelCall.File);
}
