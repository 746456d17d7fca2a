using System.Buffers.Binary;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Netlink;

namespace OpenClaw.KernelTests;

/// <summary>
/// A queue of nfnetlink (linux/netfilter/nfnetlink_queue.h). Packets that an iptables rule sends there wait until they
/// are released together. Connection tracking has then seen them, but not yet entered them in its table.
/// </summary>
sealed class PacketQueue : IDisposable
{
    const ushort NFQNL_MSG_CONFIG = (3 << 8) | 2;
    const ushort NFQNL_MSG_VERDICT_BATCH = (3 << 8) | 3;
    const ushort NFQA_CFG_CMD = 1;
    const ushort NFQA_CFG_PARAMS = 2;
    const ushort NFQA_VERDICT_HDR = 2;
    const byte NFQNL_CFG_CMD_BIND = 1;
    const byte NFQNL_COPY_META = 1;
    const byte NF_ACCEPT = 1;

    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    readonly NetlinkSocket _socket;

    /// <summary>
    /// Opens queue 0 of the namespace, for packets that the machine itself sends by this protocol, such as "udp".
    /// </summary>
    public PacketQueue(PrivateNamespace netns, string protocol)
    {
        _socket = netns.Run(static () => NetlinkSocket.OpenNetfilter(Timeout)).Value;
        Request(NFQNL_MSG_CONFIG, NFQA_CFG_CMD, [NFQNL_CFG_CMD_BIND, 0, 0, 0]);
        Request(NFQNL_MSG_CONFIG, NFQA_CFG_PARAMS, [0, 0, 0, 0, NFQNL_COPY_META]);
        netns.Command(
            InstalledProgram.Find("iptables"),
            "-A",
            "OUTPUT",
            "-p",
            protocol,
            "-j",
            "NFQUEUE",
            "--queue-num",
            "0"
        );
    }

    /// <summary>Releases the first packets, which are numbered from 1.</summary>
    public void Release(int count)
    {
        Span<byte> verdict = stackalloc byte[8];
        verdict[3] = NF_ACCEPT;
        BinaryPrimitives.WriteInt32BigEndian(verdict[4..], count);
        Request(NFQNL_MSG_VERDICT_BATCH, NFQA_VERDICT_HDR, verdict);
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>
    /// Sends a message with one attribute and awaits the answer, which follows the messages about waiting packets.
    /// </summary>
    void Request(ushort type, ushort attribute, ReadOnlySpan<byte> value)
    {
        var message = new byte[16 + 4 + 4 + NetlinkAlignment.Align(value.Length)];
        BitConverter.TryWriteBytes(message, message.Length);
        BitConverter.TryWriteBytes(message.AsSpan(4), type);
        BitConverter.TryWriteBytes(message.AsSpan(6), (ushort)(LinuxNetlink.NLM_F_REQUEST | LinuxNetlink.NLM_F_ACK));
        BitConverter.TryWriteBytes(message.AsSpan(20), (ushort)(4 + value.Length));
        BitConverter.TryWriteBytes(message.AsSpan(22), attribute);
        value.CopyTo(message.AsSpan(24));
        Assert.Null(_socket.Send(message));

        var answer = new byte[8192];
        while (true)
        {
            var length = _socket.Receive(answer).Value;
            var messages = new NetlinkMessages(answer.AsSpan(0, length));
            while (messages.MoveNext())
            {
                if (messages.Current.Header.nlmsg_type != LinuxNetlink.NLMSG_ERROR)
                    continue;
                Assert.Equal(0, BinaryPrimitives.ReadInt32LittleEndian(messages.Current.Payload));
                return;
            }
        }
    }
}
