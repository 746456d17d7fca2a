using System.Text;
using System.Text.Json.Nodes;

namespace OpenClaw.Exporter.Tests;

/// <summary>Bytes that each parser reads, as a kernel of version 6.18 or another program wrote them.</summary>
static class CapturedBytes
{
    /// <summary>The second argument of parsers that have one: the id of a container, and of a user.</summary>
    public const string Name = "1000";

    const int ElementsAtMost = 2;

    const string Status =
        "Name:\tnode\nUmask:\t0022\nPid:\t4711\nPPid:\t1\nNSpid:\t4711\t7\nCapEff:\t00000000a80425fb\n";

    const string Stat = "4711 (a (b) c) S 1 4711 4711 0 -1 4194560 9 0 0 0 3 4 0 0 20 0 11 0 123456 1234 567 9 1 1\n";

    const string Row =
        "   1: 0100007F:9C40 0200A8C0:01BB 01 00000005:00000007 02:000A8C00 00000000  1000        0 26743 2 00 20 4\n";

    /// <summary>The bytes by the parser's name. Binary records are in <see cref="Binary"/>.</summary>
    public static Dictionary<string, string[]> Texts { get; } =
        new()
        {
            ["BpfRefusal.Effective"] = [Status],
            ["CgroupMount.Parse"] =
            [
                "proc /proc proc rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n",
                "cgroup2 /sys/fs/a\\040b cgroup2 rw 0 0\n",
            ],
            ["ClwCode.FirstIn"] = ["error clw-network-exhausted: connect EADDRNOTAVAIL 10.0.0.1:443"],
            ["ConntrackFailures.Parse"] =
            [
                "entries  clashres insert_failed drop early_drop chainlength\n0000001a 00000001 00000002 00000003 "
                    + "00000004 00000005\n",
            ],
            ["ConntrackTable.ParseCount"] = ["262144\n"],
            ["DiagnosisDocument.Parse"] = [Shortened("all-pools-full.json.txt")],
            ["EngineFiles.ParseDaemon"] = ["{\"data-root\": \"/srv/docker\", \"debug\": false}"],
            ["EngineFiles.ParseDocker"] =
            [
                """{"ID":"1000","Name":"/web","Config":{"Labels":{"com.docker.compose.service":"web"}}}""",
            ],
            ["EngineFiles.ParsePodman"] = ["[{\"id\":\"abc\",\"names\":[\"web-1\"],\"layer\":\"x\"}]"],
            ["EngineFolders.HomeIn"] = ["root:x:0:0:root:/root:/bin/sh\na:x:1000:1000:,,,:/home/a:/bin/sh\n"],
            ["EphemeralPortSettings.ParseDelay"] = ["1000\n"],
            ["EphemeralPortSettings.ParseRange"] = ["32768\t60999\n"],
            ["EphemeralPortSettings.ParseReserved"] = ["8080,9000-9010\n", "\n"],
            ["EpisodeText.Parse"] = ["00000000 {\"number\":1}\n"],
            ["EpisodesDocument.Parse"] = ["{\"episodes\":[],\"since\":\"2026-01-01T00:00:00Z\"}"],
            ["ErrnoError.FirstIn"] = ["connect EADDRNOTAVAIL 10.0.0.1:443 - Local (0.0.0.0:0)", "{\"errno\":-99}"],
            ["FileNr.Parse"] = ["308\t0\t2466170\n"],
            ["HoldingProcess.ParseInnerPid"] = [Status],
            ["IPv6Counters.Parse"] = ["Udp6RcvbufErrors                \t7\nUdp6SndbufErrors                \t8\n"],
            ["InterfaceCount.Parse"] = [Dev],
            ["InterfaceDrops.Parse"] = [Dev],
            ["KernelLogRecord.TryParse"] =
            [
                "4,1234,5678901,-;nf_conntrack: table full in netns 4026532249, dropping packet\n KEY=1\n",
                "6,1,2,-;TCP: out of memory -- consider tuning tcp_mem\n",
            ],
            ["KernelText.ParseInteger"] = ["4096\n"],
            ["PerCpuTable.Parse"] = ["entries  table_fulls\n00000003 00000001\n00000003 00000001\n"],
            ["ProcessLimits.Parse"] =
            [
                "Limit                     Soft Limit           Hard Limit           Units     \n"
                    + "Max open files            1024                 unlimited            files     \n",
            ],
            ["ProcessOwner.Parse"] =
            [
                "0::/system.slice/docker-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope\n",
                "1:name=systemd:/user.slice/user-1000.slice/user@1000.service/app.slice/a.service\n0::/\n",
            ],
            ["ProcessParent.Parse"] = [Stat],
            ["ProcessStart.Parse"] = [Stat],
            ["ProcessStart.ParseUptime"] = ["12345.67 23456.78\n"],
            ["ProtocolSockets.Parse"] =
            [
                "protocol  size sockets  memory press maxhdr\nTCPv6 2496 3 1 no 320 y\nUNIX 1 9 -1 NI 0\n",
            ],
            ["SocketLimits.ParseLast"] = ["287898\t383864\t575796\n"],
            ["SocketRow.TryRead"] = [Row],
            ["SoftnetLine.TryParse"] = ["0000ffff 00000010 00000001 00000000"],
            ["SoftnetLine.Parse"] = ["0000ffff 00000010 00000001 00000000\n0000ffff 00000010 00000001 00000000\n"],
            ["Sockstat.Parse"] = ["sockets: used 178\nTCP: inuse 5 orphan 2 tw 3 alloc 7 mem 80\nUDP: inuse 1 mem 4\n"],
            ["Sockstat6.Parse"] = ["TCP6: inuse 5\nUDP6: inuse 1\n"],
            ["TcpExtCounters.Parse"] = ["TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 4 5 6\n"],
            ["TimelineDocument.Parse"] = ["{\"boot_id\":\"a\",\"samples\":[]}"],
            ["UdpCounters.Parse"] = ["Udp: InDatagrams RcvbufErrors SndbufErrors\nUdp: 1 2 3\n"],
            ["WatchedCgroupsReader.Parse"] = ["0::/system.slice/openclaw.service\n"],
            ["WatchedCgroupsReader.ParsePath"] = ["0::/system.slice/openclaw.service\n"],
            ["GatewayReadiness.Parse"] =
            [
                "{\"ready\":true,\"uptimeMs\":1234,\"failing\":[\"a\",\"b\"],\"eventLoop\":{\"p99\":1}}",
            ],
        };

    /// <summary>The bytes of binary records, in hexadecimal digits.</summary>
    public static Dictionary<string, string[]> Binary { get; } =
        new()
        {
            ["RefusedCall.Read"] = [new string('7', 2 * OpenClaw.Kernel.Refusals.RefusedCall.Length)],
            ["SocketDescriptor.TryRead"] = ["D2040000000000002E16000000000000"],
            ["SocketRecord.TryRead"] =
            [
                Convert.ToHexString(
                    FakeKernel
                        .Socket(OpenClaw.Kernel.InetDiag.TcpState.Listen, "[::]:80", isIPv6Only: true, cgroup: 77)
                        .AsSpan(16)
                ),
            ],
            ["ConnectionTuple.TryParse"] = [TranslatedConnections.Entry[16..]],
            ["TrackedConnection.TryRead"] = [TranslatedConnections.Entry, TranslatedConnections.EntryOfIPv6],
        };

    const string Dev =
        "Inter-|   Receive                                                |  Transmit\n"
        + " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo "
        + "colls carrier compressed\n"
        + "    lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n";

    /// <summary>Returns the captured bytes of a parser; null where there are none.</summary>
    public static byte[][]? Find(string parser)
    {
        if (Texts.TryGetValue(parser, out var texts))
            return [.. texts.Select(Encoding.UTF8.GetBytes)];
        return Binary.TryGetValue(parser, out var binary) ? [.. binary.Select(Convert.FromHexString)] : null;
    }

    /// <summary>
    /// Returns a recorded answer with two elements of each list. All of it would make an input forty times as slow.
    /// </summary>
    static string Shortened(string file)
    {
        var text = File.ReadAllText(Repository.PathOf($"tests/OpenClaw.Exporter.Tests/Recorded/golden/{file}"));
        var answer = JsonNode.Parse(text)!.AsObject();
        foreach (var list in answer.Select(static property => property.Value).OfType<JsonArray>())
        {
            while (list.Count > ElementsAtMost)
                list.RemoveAt(ElementsAtMost);
        }

        return answer.ToJsonString();
    }
}
