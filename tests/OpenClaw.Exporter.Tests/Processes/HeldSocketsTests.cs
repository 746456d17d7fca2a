using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

public class HeldSocketsTests
{
    const string TcpHeader =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid inode\n";

    [Fact]
    public void Sockets_are_found_in_the_tables_by_their_inodes()
    {
        using var proc = new FixtureProc();
        proc["7/net/unix"] =
            "Num       RefCount Protocol Flags    Type St Inode Path\n"
            + "0000000000000000: 00000002 00000000 00010000 0001 01    11 /run/a b.sock\n"
            + "0000000000000000: 00000003 00000000 00000000 0001 03    12 /run/a b.sock\n"
            + "0000000000000000: 00000003 00000000 00000000 0001 03    13\n"
            + "0000000000000000: 00000003 00000000 00000000 0001 03    99\n";
        proc["7/net/tcp"] = TcpHeader + Row(0, "08", 21) + Row(1, "01", 22) + Row(2, "06", 0);

        var found = Find(proc, [11, 12, 13, 21, 22, 31]);

        Assert.Equal((3, "/run/a b.sock"), (found.Value.Unix, found.Value.UnixPath));
        Assert.Equal((1, 1), (found.Value[TcpState.CloseWait], found.Value[TcpState.Established]));
        Assert.Equal(2, found.Value.TcpStates.Sum());
    }

    /// <summary>Most of the sockets are clients, which have no path.</summary>
    [Fact]
    public void The_path_of_a_few_sockets_is_not_said_of_all()
    {
        using var proc = new FixtureProc();
        proc["7/net/unix"] =
            "Num       RefCount Protocol Flags    Type St Inode Path\n"
            + "0000000000000000: 00000002 00000000 00010000 0001 01    11 /run/bystander.sock\n"
            + "0000000000000000: 00000003 00000000 00000000 0001 03    12\n"
            + "0000000000000000: 00000003 00000000 00000000 0001 03    13\n";

        var found = Find(proc, [11, 12, 13]).Value;

        Assert.Equal((3, ""), (found.Unix, found.UnixPath));
    }

    [Theory]
    [InlineData("0000000000000000: 00000002 00000000\n")]
    [InlineData("0000000000000000: 00000002 00000000 00010000 0001 01 inode /run/a.sock\n")]
    public void A_row_of_another_form_is_no_socket(string row)
    {
        using var proc = new FixtureProc();
        proc["7/net/unix"] = "Num RefCount Protocol Flags Type St Inode Path\n" + row;

        Assert.Equal(Absence.Malformed, Find(proc, [11]).Missing?.Reason);
    }

    static Reading<HeldSockets> Find(FixtureProc proc, HashSet<ulong> inodes) =>
        HeldSockets.Find(new ProcMount(proc.Root).AsSeenBy(7), inodes, Deadline.After(TimeSpan.FromSeconds(10)));

    static string Row(int number, string state, ulong inode) =>
        $"   {number}: 0100007F:1B58 0100007F:{number + 40000:X4} {state} 00000000:00000000 00:00000000 00000000     0 "
        + $"       0 {inode} 1 0000000000000000 20 0 0 10 -1\n";
}
