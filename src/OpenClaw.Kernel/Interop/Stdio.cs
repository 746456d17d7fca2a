using System.Runtime.InteropServices;

namespace OpenClaw.Kernel.Interop;

/// <summary>stdio.h</summary>
static partial class Stdio
{
    // int rename(const char *oldpath, const char *newpath);
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int rename(string oldpath, string newpath);
}
