using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OpenClaw.Kernel.Interop;

/// <summary>fcntl.h</summary>
static partial class Fcntl
{
    public const int O_RDONLY = 0;
    public const int O_WRONLY = 1;
    public const int O_RDWR = 2;
    public const int O_CREAT = 0x40;
    public const int O_EXCL = 0x80;
    public const int O_TRUNC = 0x200;
    public const int O_NONBLOCK = 0x800;
    public const int O_CLOEXEC = 0x80000;
    public const int F_SETFD = 2;
    public const int FD_CLOEXEC = 1;

    /// <summary>O_DIRECTORY. The value differs on 32-bit and 64-bit ARM, where 0x10000 is another flag.</summary>
    public static readonly int O_DIRECTORY = RuntimeInformation.ProcessArchitecture
        is Architecture.Arm
            or Architecture.Arm64
        ? 0x4000
        : 0x10000;

    /// <summary>O_NOFOLLOW. The value differs on 32-bit and 64-bit ARM, where 0x20000 is another flag.</summary>
    public static readonly int O_NOFOLLOW = RuntimeInformation.ProcessArchitecture
        is Architecture.Arm
            or Architecture.Arm64
        ? 0x8000
        : 0x20000;

    // int open(const char *path, int oflag, ...);
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial SafeFileHandle open(string path, int oflag);

    // The same call, which may create the file. The third argument is variadic in C. It is passed like any other on
    // x86-64 and on ARM with Linux.
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial SafeFileHandle open(string path, int oflag, uint mode);

    // int fcntl(int fildes, int cmd, ...);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(int fildes, int cmd, int argument);
}
