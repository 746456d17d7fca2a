using System.Runtime.InteropServices;

namespace OpenClaw.Exporter.Tests;

/// <summary>Runs code on a thread without capabilities, so that file permissions apply even to root.</summary>
static partial class UnprivilegedThread
{
    public static T Run<T>(Func<T> body)
    {
        var result = default(T);
        var dropped = 0;
        var thread = new Thread(() =>
        {
            // The header has version 3 and thread 0, this thread. The three sets of 64 bits are empty: capabilities are
            // what bypasses permissions.
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
