using System.Text.RegularExpressions;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Links;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

/// <summary>The kernel lists only the CPUs that are online.</summary>
public sealed class SoftnetReaderTests : IDisposable
{
    readonly FixtureProc _proc = new();
    readonly Reader _reader;

    public SoftnetReaderTests() =>
        _reader = KernelReaders
            .All(new ProcMount(_proc.Root), new Regex("openclaw"), 10)
            .Single(static reader => reader.Name == "softnet");

    public void Dispose() => _proc.Dispose();

    [Fact]
    public void It_is_summed_over_cpus()
    {
        Assert.Equal(
            new SoftnetStat(0x11, 3),
            Read("0000ffff 00000010 00000001 0", "0000ffff 00000001 00000002 0").Value
        );
        Assert.Contains("line 2", Read("0 0 0", "0 zz 0").Missing!.Detail, StringComparison.Ordinal);
        Assert.Equal(Absence.Malformed, Read("0 0").Missing?.Reason);
    }

    [Fact]
    public void A_cpu_that_goes_offline_takes_nothing_away()
    {
        Assert.Equal(47133, Read(Line(0, 19647), Line(1, 27486)).Value.Drops);
        Assert.Equal(47133, Read(Line(1, 27486)).Value.Drops);
        Assert.Equal(47138, Read(Line(1, 27491)).Value.Drops);
        Assert.Equal(47139, Read(Line(0, 19648), Line(1, 27491)).Value.Drops);
    }

    [Fact]
    public void Without_the_id_of_a_cpu_the_sum_does_not_fall_either()
    {
        Assert.Equal(12, Read("1 7 0", "1 5 0").Value.Drops);
        Assert.Equal(12, Read("1 5 0").Value.Drops);
        Assert.Equal(13, Read("1 7 0", "1 6 0").Value.Drops);
    }

    /// <summary>
    /// Before Linux 5.10 the lines have no id, so a line moves up when the CPU before it goes offline.
    /// </summary>
    [Fact]
    public void Without_the_id_of_a_cpu_a_line_that_moves_up_is_no_rise()
    {
        Assert.Equal(47133, Read("1 4cbf 0", "1 6b5e 0").Value.Drops);
        Assert.Equal(47133, Read("1 6b5e 0").Value.Drops);
        Assert.Equal(47138, Read("1 6b63 0").Value.Drops);
        Assert.Equal(47138, Read("1 4cbf 0", "1 6b63 0").Value.Drops);
        Assert.Equal(47139, Read("1 4cc0 0", "1 6b63 0").Value.Drops);
    }

    [Fact]
    public void A_counter_that_begins_again_goes_on()
    {
        Assert.Equal(0xffff_fffeL, Read(Line(0, 0xffff_fffe)).Value.Drops);
        Assert.Equal(0x1_0000_0003L, Read(Line(0, 3)).Value.Drops);
    }

    static string Line(int cpu, uint drops) =>
        $"0000ffff {drops:x8} 00000000 0 0 0 0 0 00000000 00000000 00000000 00000000 {cpu:x8} 00000000 00000000";

    Reading<SoftnetStat> Read(params string[] lines)
    {
        _proc["thread-self/net/softnet_stat"] = string.Concat(lines.Select(static line => line + "\n"));
        return SamplingPass.Read<SoftnetStat>([_reader], Deadline.After(TimeSpan.FromSeconds(10)));
    }
}
