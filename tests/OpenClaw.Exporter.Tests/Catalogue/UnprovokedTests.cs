using System.Text.RegularExpressions;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

/// <summary>Pools and symptoms that no test provokes in a kernel are read from prepared files.</summary>
public class UnprovokedTests
{
    /// <summary>Pools below their limit and events of the kernel log have their own tests.</summary>
    static readonly IEnumerable<string> Elsewhere = [.. FilledMachine.Pools, "kernel_log_event_timestamp_seconds"];

    public static TheoryData<string, string, string, double> Counters =>
        new()
        {
            {
                "tcp_memory_pressures_total",
                "thread-self/net/netstat",
                "TcpExt: TCPMemoryPressuresChrono TCPMemoryPressures TCPAbortOnMemory\nTcpExt: 90 7 2\n",
                7
            },
            {
                "conntrack_chain_too_long_total",
                "thread-self/net/stat/nf_conntrack",
                "entries clashres insert_failed drop early_drop chainlength\n1a 1 2 3 4 0b\n1a 1 2 3 4 02\n",
                13
            },
        };

    [Theory]
    [MemberData(nameof(Counters))]
    public async Task A_counter_is_what_its_file_says(string symptom, string file, string text, double value)
    {
        using var proc = new FixtureProc { [file] = text };
        var snapshot = await new Sampler(
            [
                .. KernelReaders
                    .All(new ProcMount(proc.Root), new Regex("openclaw"), worst: 10)
                    .Where(static reader => reader.Name is "tcp_counters" or "conntrack_failures"),
            ],
            TimeProvider.System
        ).SampleAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(
            value,
            Assert.Single(SymptomCatalogue.All.Single(known => known.Name == symptom).Read(snapshot.Own).Value).Value
        );
    }

    [Fact]
    public void Nothing_is_without_any_test() =>
        Assert.Empty(Unprovoked.Reasons.Keys.Except(Counters.Select(static row => row.Data.Item1)).Except(Elsewhere));
}
