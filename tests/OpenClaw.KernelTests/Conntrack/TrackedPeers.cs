using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Netlink;

namespace OpenClaw.KernelTests;

/// <summary>Fills the connection tracking of a namespace with one entry per peer of one socket.</summary>
static class TrackedPeers
{
    const int Port = 9;

    /// <summary>
    /// The limit of the machine. The tests leave it unchanged and fill their namespace's own table up to it.
    /// </summary>
    public static int Maximum()
    {
        var maximum = int.Parse(
            File.ReadAllText("/proc/sys/net/netfilter/nf_conntrack_max"),
            CultureInfo.InvariantCulture
        );
        Assert.SkipWhen(maximum > 1 << 19, $"would fill a table of {maximum} entries");
        return maximum;
    }

    /// <summary>
    /// Starts tracking, which begins with the first rule that needs it. The rule drops arriving packets, which would
    /// otherwise be answered.
    /// </summary>
    public static void Track(PrivateNamespace netns)
    {
        _ = InstalledProgram.Find("nft");
        netns.Command(
            "nft",
            "add table inet t; add chain inet t in { type filter hook input priority 0; }; add rule inet t in "
                + "ct state new drop"
        );
    }

    /// <summary>Creates one entry per peer from a source port, or from any for 0; returns the source port.</summary>
    public static ushort SendToPeers(int first, int count, ushort from = 0)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, from));
        for (var i = first; i < first + count; i++)
        {
            try
            {
                socket.SendTo([0], new IPEndPoint(Peer(i), Port));
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.AccessDenied)
            {
                // EPERM: dropped.
            }
        }

        return (ushort)((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Sends a hand-written packet from each peer, since no program listens there.</summary>
    static void Answer(ushort port, int count)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Raw);
        Span<byte> packet = stackalloc byte[28];
        packet[0] = 0x45;
        packet[8] = 64;
        packet[9] = (byte)ProtocolType.Udp;
        IPAddress.Loopback.TryWriteBytes(packet[16..], out _);
        BinaryPrimitives.WriteUInt16BigEndian(packet[20..], Port);
        BinaryPrimitives.WriteUInt16BigEndian(packet[22..], port);
        BinaryPrimitives.WriteUInt16BigEndian(packet[24..], 8);
        for (var i = 0; i < count; i++)
        {
            Peer(i).TryWriteBytes(packet[12..], out _);
            socket.SendTo(packet, new IPEndPoint(IPAddress.Loopback, 0));
        }
    }

    static IPAddress Peer(int number)
    {
        Span<byte> address = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(address, (127 << 24) + 256 + number);
        return new(address);
    }

    /// <summary>
    /// Fills the table with entries that the kernel does not evict: they have an answer, and another packet two seconds
    /// later. A busy machine loses some of the answers, and above 95 % the kernel's own cleaning removes entries that
    /// have none yet. So both sides send until the table is full and the kernel lists no other entry.
    /// </summary>
    public static void FillForGood(PrivateNamespace netns, int maximum) =>
        netns.Run(() =>
        {
            const int TriesAtMost = 10;
            var port = SendToPeers(0, maximum);
            Answer(port, maximum);
            Thread.Sleep(TimeSpan.FromSeconds(2));
            for (var tries = 0; tries < TriesAtMost; tries++)
            {
                Answer(port, maximum);
                if (Count() == maximum && !HasUnassured())
                    return;
                SendToPeers(0, maximum, port);
            }

            Assert.Fail(
                $"After {TriesAtMost} tries, {Count()} of {maximum} entries are there, or some can be evicted."
            );
        });

    /// <summary>Fills the table by ctnetlink, with entries that the kernel does not evict.</summary>
    public static void InsertForGood(PrivateNamespace netns, int maximum)
    {
        // IPCTNL_MSG_CT_NEW: UDP from 127.0.0.1:4000 to port 9 of a peer, for 600 s; confirmed, answered and assured.
        var entry = Convert.FromHexString(
            "8C000000000101040000000000000000020000003400018014000180080001007F00000108000200000000001C0002800500"
                + "010011000000060002000FA00000060003000009000034000280140001800800010000000000080002007F0000011C000280"
                + "05000100110000000600020000090000060003000FA000000800070000000258080003000000000E"
        );
        const int destination = 40,
            sourceOfReply = 84,
            atOnce = 500;
        using var socket = netns.Run(static () => NetlinkSocket.OpenNetfilter(TimeSpan.FromSeconds(10))).Value;
        var entries = new byte[atOnce * entry.Length];
        for (var i = 0; i < maximum; i += atOnce)
        {
            var count = Math.Min(atOnce, maximum - i);
            for (var k = 0; k < count; k++)
            {
                Peer(i + k).TryWriteBytes(entry.AsSpan(destination), out _);
                Peer(i + k).TryWriteBytes(entry.AsSpan(sourceOfReply), out _);
                entry.CopyTo(entries, k * entry.Length);
            }

            Assert.Null(socket.Send(entries.AsSpan(0, count * entry.Length)));
        }
    }

    static int Count() =>
        int.Parse(File.ReadAllText("/proc/sys/net/netfilter/nf_conntrack_count"), CultureInfo.InvariantCulture);

    /// <summary>A listing may miss entries while other namespaces change the hash that they share.</summary>
    static bool HasUnassured() =>
        File.ReadLines("/proc/thread-self/net/nf_conntrack")
            .Any(static line => !line.Contains("[ASSURED]", StringComparison.Ordinal));

    /// <summary>Removes all entries of a namespace, as conntrack -F does.</summary>
    public static void Flush(PrivateNamespace netns)
    {
        const ushort IPCTNL_MSG_CT_DELETE = (1 << 8) | 2;
        using var socket = netns.Run(static () => NetlinkSocket.OpenNetfilter(TimeSpan.FromSeconds(10))).Value;
        var request = new byte[16 + 4];
        BitConverter.TryWriteBytes(request, request.Length);
        BitConverter.TryWriteBytes(request.AsSpan(4), IPCTNL_MSG_CT_DELETE);
        BitConverter.TryWriteBytes(request.AsSpan(6), (ushort)(LinuxNetlink.NLM_F_REQUEST | LinuxNetlink.NLM_F_ACK));
        Assert.Null(socket.Send(request));
        var answer = new byte[8192];
        var messages = new NetlinkMessages(answer.AsSpan(0, socket.Receive(answer).Value));
        Assert.True(messages.MoveNext());
        Assert.Equal(0, BinaryPrimitives.ReadInt32LittleEndian(messages.Current.Payload));
    }
}
