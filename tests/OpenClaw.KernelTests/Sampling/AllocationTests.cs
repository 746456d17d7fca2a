using System.Globalization;
using System.Text.RegularExpressions;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>
/// A steady snapshot allocates a fixed amount. Sockets and processes that it does not show add nothing.
/// </summary>
[Collection(WholeMachine.Name)]
public sealed class AllocationTests(ITestOutputHelper output)
{
    const int Passes = 10;

    /// <summary>
    /// The limit for each of them: two references, where another process of the machine has changed, and the other
    /// source of many sockets.
    /// </summary>
    const int BytesAtMost = 32;

    [Fact]
    public void Connections() => AssertFixed(2000, static (_, pairs, count) =>
        {
            for (var i = 0; i < count; i++)
                pairs.Connect();
        });

    [Fact]
    public void Processes() => AssertFixed(500, static (netns, _, count) => Start(netns, count));

    void AssertFixed(int count, Action<PrivateNamespace, ConnectionPairs, int> add)
    {
        using var netns = new PrivateNamespace();
        using var pairs = new ConnectionPairs(netns, 8080);
        pairs.Connect();
        var readers = new ReaderOrder(
            KernelReaders.All(new ProcMount(), new Regex("^openclaw"), worst: 10, namespaces: new())
        );

        var few = Allocated();
        add(netns, pairs, count);
        var many = Allocated();

        output.WriteLine($"{few:N0} bytes, {many:N0} with {count:N0} more");
        Assert.InRange((many - few) / count, long.MinValue, BytesAtMost);

        // Names are read again in some snapshots.
        long Allocated() => netns.Run(() => Enumerable.Range(0, Passes).Min(_ => AllocatedBy(readers)));
    }

    static long AllocatedBy(ReaderOrder readers)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        new SamplingPass(readers, null, Deadline.After(TimeSpan.FromSeconds(30))).RunHere();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>Starts processes that end with the namespace.</summary>
    static void Start(PrivateNamespace netns, int count)
    {
        const string script =
            "i=0; while [ $i -lt $0 ]; do sleep 600 >/dev/null 2>&1 & i=$((i+1)); done; echo ready; wait";
        var first = netns.Start(
            new(
                PrivateProcesses.First[0],
                [.. PrivateProcesses.First.Skip(1), "sh", "-c", script, count.ToString(CultureInfo.InvariantCulture)]
            )
            {
                RedirectStandardOutput = true,
            }
        );
        Assert.Equal("ready", first.StandardOutput.ReadLine());
    }
}
