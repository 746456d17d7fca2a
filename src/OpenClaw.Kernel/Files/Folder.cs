using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;

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
}
