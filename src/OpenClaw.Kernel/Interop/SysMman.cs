using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OpenClaw.Kernel.Interop;

/// <summary>sys/mman.h</summary>
static unsafe partial class SysMman
{
    const int PROT_READ = 1;
    const int PROT_WRITE = 2;
    const int MAP_SHARED = 1;

    /// <summary>Maps a part of a file. The result is invalid where the kernel refuses it.</summary>
    public static Mapping mmap(SafeFileHandle file, int length, long offset, bool isWritable) =>
        new(mmap(0, length, PROT_READ | (isWritable ? PROT_WRITE : 0), MAP_SHARED, file, offset), length);

    // void *mmap(void *addr, size_t len, int prot, int flags, int fildes, off_t off);
    [LibraryImport("libc", SetLastError = true)]
    private static partial nint mmap(nint addr, nint len, int prot, int flags, SafeFileHandle fildes, long off);

    // int munmap(void *addr, size_t len);
    [LibraryImport("libc", SetLastError = true)]
    private static partial int munmap(nint addr, nint len);

    public const int MADV_DONTNEED = 4;

    // int madvise(void *addr, size_t length, int advice);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int madvise(nint addr, nint length, int advice);

    /// <summary>Memory that is shared with the kernel, until it is disposed.</summary>
    internal sealed class Mapping(nint address, int length) : SafeHandleMinusOneIsInvalid(ownsHandle: true)
    {
        /// <summary>The memory. It ends with this object.</summary>
        public Span<byte> Bytes => new((void*)address, length);

        protected override bool ReleaseHandle() => IsInvalid || munmap(address, length) == 0;

        public override bool IsInvalid => address == -1;
    }
}
