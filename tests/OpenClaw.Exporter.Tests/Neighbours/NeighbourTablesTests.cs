using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Neighbours;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

public sealed class NeighbourTablesTests : IDisposable
{
    const ushort Reachable = 0x02;

    readonly FixtureProc _proc = new();
    readonly List<byte> _asked = [];

    public void Dispose() => _proc.Dispose();

    [Fact]
    public void Only_a_table_near_its_limit_is_dumped()
    {
        Entries(767);
        Assert.Equal(767, Read(static () => [Entry(LinuxNeighbour.NUD_PERMANENT), FakeKernel.Done()]).Limited);
        Assert.Empty(_asked);

        Entries(768);
        Assert.Equal(767, Read(static () => [Entry(LinuxNeighbour.NUD_PERMANENT), FakeKernel.Done()]).Limited);
        Assert.Equal([SysSocket.AF_INET], _asked);
    }

    [Fact]
    public void Permanent_and_learned_entries_are_exempt()
    {
        Entries(1000);

        var table = Read(static () =>
            [
                Entry(Reachable),
                Entry(Reachable, LinuxNeighbour.NTF_EXT_LEARNED),
                Entry(LinuxNeighbour.NUD_PERMANENT),
                Entry(LinuxNeighbour.NUD_PERMANENT, LinuxNeighbour.NTF_EXT_LEARNED),
                FakeKernel.Done(),
            ]
        );

        Assert.Equal((1000, 3, 997), (table.Entries, table.Exempt.Value, table.Limited));
    }

    [Fact]
    public void The_count_of_a_table_that_changes_meanwhile_is_never_negative()
    {
        _proc["sys/net/ipv4/neigh/default/gc_thresh3"] = "1\n";
        Entries(1);

        Assert.Equal(
            0,
            Read(static () =>
                [Entry(LinuxNeighbour.NUD_PERMANENT), Entry(LinuxNeighbour.NUD_PERMANENT), FakeKernel.Done()]
            ).Limited
        );
    }

    [Fact]
    public void A_dump_that_fails_leaves_the_upper_bound_and_is_said()
    {
        Entries(1000);
        var reader = Reader(static () => [FakeKernel.Error(Errno.EPERM)]);

        var run = Assert.IsType<ReaderRun<NeighbourTables>>(reader.RunHere());

        Assert.Equal(1000, run.Reading.Value.IPv4.Value.Limited);
        Assert.Equal(Absence.NotPermitted, run.Failure?.Reason);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("9223372036854775807")]
    public void A_table_without_a_limit_is_not_dumped(string limit)
    {
        _proc["sys/net/ipv4/neigh/default/gc_thresh3"] = limit;
        Entries(1000);

        _ = Read(static () => [FakeKernel.Done()]);

        Assert.Empty(_asked);
    }

    void Entries(int count) => _proc["thread-self/net/stat/arp_cache"] = $"entries  table_fulls\n{count:x8} 00000000\n";

    NeighbourTable Read(Func<Reading<byte[]>[]> answer) =>
        SamplingPass.Read<NeighbourTables>([Reader(answer)], Deadline.After(TimeSpan.FromSeconds(10))).Value.IPv4.Value;

    NeighbourTablesReader Reader(Func<Reading<byte[]>[]> answer) =>
        new(
            new ProcMount(_proc.Root),
            _ => new FakeKernel(
                (type, family) =>
                {
                    Assert.Equal(LinuxRtnetlink.RTM_GETNEIGH, type);
                    _asked.Add(family);
                    return answer();
                }
            ),
            wholeHost: false
        );

    static byte[] Entry(ushort state, byte flags = 0)
    {
        var payload = new byte[12];
        MemoryMarshal.Write(payload, new LinuxNeighbour.ndmsg { ndm_state = state, ndm_flags = flags });
        return FakeKernel.Message(28, payload);
    }
}
