using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OpenClaw.Kernel.Interop;

/// <summary>The declarations of dirent.h.</summary>
static partial class Dirent
{
    /// <summary>The offset in struct dirent64, which is the same on every architecture.</summary>
    public const int d_ino = 0;

    /// <inheritdoc cref="d_ino"/>
    public const int d_reclen = 16;

    /// <inheritdoc cref="d_ino"/>
    public const int d_name = 19;

    // ssize_t getdents64(int fd, void *buffer, size_t length);
    [LibraryImport("libc", SetLastError = true)]
    public static partial nint getdents64(SafeFileHandle fd, Span<byte> buffer, nint length);
}
