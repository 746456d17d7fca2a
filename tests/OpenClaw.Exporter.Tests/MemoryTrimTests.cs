using System.Runtime.CompilerServices;

namespace OpenClaw.Exporter.Tests;

public class MemoryTrimTests
{
    const long Megabyte = 1 << 20;

    [Fact]
    public void Memory_of_what_has_ended_goes_back()
    {
        using var trim = new MemoryTrim(TimeProvider.System);
        LeaveBehind();
        var before = Committed();

        trim.Trim();

        Assert.InRange(Committed(), 0, before - (128 * Megabyte));
    }

    /// <summary>Leaves 256 MB of small arrays in the oldest generation, where nothing holds them.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    static void LeaveBehind()
    {
        var arrays = Enumerable.Range(0, 256 * 1024).Select(static _ => new byte[1000]).ToList();
        GC.Collect();
        GC.Collect();
        GC.KeepAlive(arrays);
    }

    static long Committed() => GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes;
}
