using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OpenClaw.Kernel.Interop;

/// <summary>linux/stat.h</summary>
static partial class Stat
{
    public const int AT_FDCWD = -100;
    public const int AT_SYMLINK_NOFOLLOW = 0x100;
    public const int AT_EMPTY_PATH = 0x1000;
    public const uint STATX_TYPE = 0x1;
    public const uint STATX_MODE = 0x2;
    public const uint STATX_NLINK = 0x4;
    public const uint STATX_UID = 0x8;
    public const uint STATX_GID = 0x10;
    public const uint STATX_MTIME = 0x40;
    public const uint STATX_INO = 0x100;
    public const uint STATX_SIZE = 0x200;
    public const ushort S_IFMT = 0xF000;
    public const ushort S_IFIFO = 0x1000;
    public const ushort S_IFDIR = 0x4000;
    public const ushort S_IFREG = 0x8000;

    /// <summary>
    /// struct statx: 256 bytes, the same on every architecture. Only the fields used here have names.
    /// </summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public struct statx_t
    {
        [FieldOffset(0)]
        public uint stx_mask;

        [FieldOffset(16)]
        public uint stx_nlink;

        [FieldOffset(20)]
        public uint stx_uid;

        [FieldOffset(24)]
        public uint stx_gid;

        [FieldOffset(28)]
        public ushort stx_mode;

        [FieldOffset(32)]
        public ulong stx_ino;

        [FieldOffset(40)]
        public ulong stx_size;

        [FieldOffset(112)]
        public long stx_mtime_sec;

        [FieldOffset(120)]
        public uint stx_mtime_nsec;

        [FieldOffset(136)]
        public uint stx_dev_major;

        [FieldOffset(140)]
        public uint stx_dev_minor;
    }

    // int statx(int dirfd, const char *path, int flags, unsigned int mask, struct statx *buf);
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int statx(int dirfd, string path, int flags, uint mask, out statx_t buf);

    // The same call for a path that is bytes with a zero at the end.
    [LibraryImport("libc", SetLastError = true)]
    public static partial int statx(int dirfd, ReadOnlySpan<byte> path, int flags, uint mask, out statx_t buf);

    // int mkdir(const char *path, mode_t mode);
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mkdir(string path, uint mode);

    // int fchmod(int fildes, mode_t mode);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int fchmod(SafeFileHandle fildes, uint mode);

    // The same call for an open file: an empty path and AT_EMPTY_PATH.
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int statx(SafeFileHandle dirfd, string path, int flags, uint mask, out statx_t buf);
}
