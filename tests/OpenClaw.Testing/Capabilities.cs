using System.Runtime.InteropServices;

namespace OpenClaw.Testing;

/// <summary>The capabilities of a thread.</summary>
static partial class Capabilities
{
    public const int CAP_PERFMON = 38;
    public const int CAP_BPF = 39;

    /// <summary>
    /// Runs code on a thread with exactly these capabilities. Without any, file permissions apply even to root.
    /// </summary>
    public static T Only<T>(int[] capabilities, Func<T> body)
    {
        var kept = capabilities.Aggregate(0UL, static (set, capability) => set | (1UL << capability));
        var result = default(T);
        var dropped = 0;
        var thread = new Thread(() =>
        {
            // The header has version 3 and thread 0, this thread. Two words of 32 bits have the sets each.
            var (low, high) = ((uint)kept, (uint)(kept >> 32));
            dropped = capset([0x20080522, 0], [low, low, 0, high, high, 0]);
            result = body();
        });
        thread.Start();
        thread.Join();
        return dropped == 0 ? result! : throw new InvalidOperationException("the capabilities could not be dropped");
    }

    // int capset(cap_user_header_t hdrp, const cap_user_data_t datap);
    [LibraryImport("libc", SetLastError = true)]
    private static partial int capset(ReadOnlySpan<uint> header, ReadOnlySpan<uint> data);
}
