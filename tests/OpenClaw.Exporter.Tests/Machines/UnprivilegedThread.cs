using System.Runtime.InteropServices;

namespace OpenClaw.Exporter.Tests;

/// <summary>Runs something on a thread that permissions hold for, even where the tests are root's.</summary>
static partial class UnprivilegedThread
{
    public static T Run<T>(Func<T> body)
    {
        var result = default(T);
        var dropped = 0;
        var thread = new Thread(() =>
        {
            // Version 3 of the header, this thread, and three empty sets of 64 bits: what passes over permissions is a
            // capability.
            dropped = capset([0x20080522, 0], new uint[6]);
            result = body();
        });
        thread.Start();
        thread.Join();
        Assert.Equal(0, dropped);
        return result!;
    }

    // int capset(cap_user_header_t hdrp, const cap_user_data_t datap);
    [LibraryImport("libc", SetLastError = true)]
    private static partial int capset(ReadOnlySpan<uint> header, ReadOnlySpan<uint> data);
}
