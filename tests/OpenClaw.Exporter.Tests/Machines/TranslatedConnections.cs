using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>Answers of nfnetlink, as a kernel of version 6.18 gave them, with other ports.</summary>
static class TranslatedConnections
{
    /// <summary>The lowest port of the rule's range, and of the connections.</summary>
    public const ushort FirstPort = 2000;

    /// <summary>
    /// A connection from 127.0.0.1 port 44156 to port 8080 of 127.0.0.1, translated to 127.0.0.9 port 2003.
    /// </summary>
    public const string Entry =
        "020000003400018014000180080001007f000001080002007f0000011c000280050001000600000006000200ac7c0000060003001f90"
        + "00003400028014000180080001007f000001080002007f0000091c0002800500010006000000060002001f900000060003"
        + "0007d30000080003000000019e080008000000000008000c00068a4645";

    /// <summary>A connection from ::1 port 58346 to port 8080 of ::1, translated to ::1 port 3000.</summary>
    public const string EntryOfIPv6 =
        "0a0000004c0001802c000180140003000000000000000000000000000000000114000400000000000000000000000000000000011c00"
        + "0280050001000600000006000200e3ea0000060003001f9000004c0002802c0001801400030000000000000000000000"
        + "00000000000114000400000000000000000000000000000000011c0002800500010006000000060002001f90000006000300"
        + "0bb80000080003000000019e";

    const int OriginalPortAt = 44,
        RemotePortAt = 96,
        ReplyPortAt = 104;

    /// <summary>The entry with other ports.</summary>
    public static byte[] Connection(int original, int translated, int remote = 8080)
    {
        var payload = Convert.FromHexString(Entry);
        payload[RemotePortAt] = (byte)(remote >> 8);
        payload[RemotePortAt + 1] = (byte)remote;
        payload[OriginalPortAt] = (byte)(original >> 8);
        payload[OriginalPortAt + 1] = (byte)original;
        payload[ReplyPortAt] = (byte)(translated >> 8);
        payload[ReplyPortAt + 1] = (byte)translated;
        return payload;
    }

    /// <summary>A kernel with connections on consecutive ports, and one rule with a range.</summary>
    /// <param name="count">The number of connections to each remote.</param>
    /// <param name="limit">The number of ports in the range.</param>
    /// <param name="error">The error of every request; 0 for none.</param>
    /// <param name="remotes">The number of remotes.</param>
    public static FakeKernel Kernel(int count, int limit, int error = 0, int remotes = 1) =>
        new FakeKernel(
            (type, _) =>
                (type, error) switch
                {
                    (_, not 0) => [FakeKernel.Error(error)],
                    (LinuxNfnetlink.IPCTNL_MSG_CT_GET, _) =>
                    [
                        .. Enumerable
                            .Range(0, count * remotes)
                            .Select(i =>
                                (Reading<byte[]>)
                                    FakeKernel.Message(
                                        LinuxNfnetlink.IPCTNL_MSG_CT_GET,
                                        Connection(40_000 + i, FirstPort + (i % count), 8080 + (i / count))
                                    )
                            ),
                        FakeKernel.Done(),
                    ],
                    (LinuxNfTables.NFT_MSG_GETRULE, _) =>
                    [
                        FakeKernel.Message(
                            LinuxNfTables.NFT_MSG_GETRULE,
                            TranslationRules.Snat(FirstPort, (ushort)(FirstPort + limit - 1))
                        ),
                        FakeKernel.Done(),
                    ],
                    _ => [FakeKernel.Done()],
                }
        );
}
