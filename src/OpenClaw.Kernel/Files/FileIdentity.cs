using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Files;

/// <summary>The device and inode that distinguish a file, or a namespace, from every other.</summary>
readonly record struct FileIdentity(ulong Device, ulong Inode)
{
    /// <summary>Returns the identity of the file at a path; links are followed.</summary>
    public static Reading<FileIdentity> Read(string path, KernelCall call = KernelCall.ProcessFile) =>
        Stat.statx(Stat.AT_FDCWD, path, 0, Stat.STATX_INO, out var status) == 0
            ? From(status)
            : Missing.FromErrno(Marshal.GetLastPInvokeError(), path, call);

    /// <summary>Returns the identity of an open file.</summary>
    public static Reading<FileIdentity> Read(SafeFileHandle file, string path) =>
        Stat.statx(file, "", Stat.AT_EMPTY_PATH, Stat.STATX_INO, out var status) == 0
            ? From(status)
            : Missing.FromErrno(Marshal.GetLastPInvokeError(), path, KernelCall.ProcessFile);

    /// <summary>Returns the identity in a file's status. The call must have asked for STATX_INO.</summary>
    public static FileIdentity From(in Stat.statx_t status) =>
        new(((ulong)status.stx_dev_major << 32) | status.stx_dev_minor, status.stx_ino);
}
