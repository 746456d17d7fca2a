using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OpenClaw.Kernel.Interop;

/// <summary>unistd.h</summary>
static partial class Unistd
{
    // ssize_t read(int fildes, void *buf, size_t nbyte);
    [LibraryImport("libc", SetLastError = true)]
    public static partial nint read(SafeFileHandle fildes, Span<byte> buf, nint nbyte);

    // ssize_t pread(int fildes, void *buf, size_t nbyte, off_t offset);
    [LibraryImport("libc", SetLastError = true)]
    public static partial nint pread(SafeFileHandle fildes, Span<byte> buf, nint nbyte, long offset);

    // ssize_t write(int fildes, const void *buf, size_t nbyte);
    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(int fildes, ReadOnlySpan<byte> buf, nint nbyte);

    // The same call for a handle.
    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(SafeFileHandle fildes, ReadOnlySpan<byte> buf, nint nbyte);

    // uid_t geteuid(void);
    [LibraryImport("libc")]
    public static partial uint geteuid();

    // int fsync(int fildes);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int fsync(SafeFileHandle fildes);

    // int fchown(int fildes, uid_t owner, gid_t group);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int fchown(SafeFileHandle fildes, uint owner, uint group);

    // int unlink(const char *path);
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int unlink(string path);

    // int rmdir(const char *path);
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int rmdir(string path);

    public const int SEEK_SET = 0;

    // off_t lseek(int fildes, off_t offset, int whence);
    [LibraryImport("libc", SetLastError = true)]
    public static partial long lseek(SafeFileHandle fildes, long offset, int whence);

    // ssize_t readlink(const char *path, char *buf, size_t bufsize);
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint readlink(string path, Span<byte> buf, nint bufsize);

    // ssize_t readlinkat(int fd, const char *path, char *buf, size_t bufsize);
    [LibraryImport("libc", SetLastError = true)]
    public static partial nint readlinkat(SafeFileHandle fd, ReadOnlySpan<byte> path, Span<byte> buf, nint bufsize);
}
