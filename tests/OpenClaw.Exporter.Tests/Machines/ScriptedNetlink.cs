using System.Buffers.Binary;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>A kernel that answers each request with the next scripted datagram.</summary>
sealed class ScriptedNetlink(params Func<uint, byte[]>[] answers) : INetlinkTransport
{
    const ushort Done = 3;

    readonly Queue<Func<uint, byte[]>> _answers = new(answers);
    uint _sequence;

    public int Requests { get; private set; }

    /// <summary>The last request, with its header.</summary>
    public byte[] Request { get; private set; } = [];

    /// <summary>A complete answer to a dump: its messages and NLMSG_DONE.</summary>
    /// <param name="flags">The flags of every message.</param>
    /// <param name="payloads">The payloads of the messages.</param>
    public static Func<uint, byte[]> Dump(ushort flags, params byte[][] payloads) =>
        sequence =>
            [
                .. payloads.SelectMany(payload => Message(16, flags, sequence, payload)),
                .. Message(Done, flags, sequence, new byte[4]),
            ];

    /// <summary>An attribute with raw bytes.</summary>
    public static byte[] Attribute(int type, params byte[] payload)
    {
        var bytes = new byte[(4 + payload.Length + 3) & ~3];
        BitConverter.TryWriteBytes(bytes, (ushort)(4 + payload.Length));
        BitConverter.TryWriteBytes(bytes.AsSpan(2), (ushort)type);
        payload.CopyTo(bytes, 4);
        return bytes;
    }

    /// <summary>An attribute in host byte order.</summary>
    public static byte[] Attribute<T>(int type, T value)
        where T : unmanaged
    {
        Span<T> one = [value];
        return Attribute(type, MemoryMarshal.AsBytes(one).ToArray());
    }

    /// <summary>An attribute in network byte order, as netfilter writes it.</summary>
    public static byte[] BigEndian(int type, uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return Attribute(type, bytes);
    }

    public Missing? Send(ReadOnlySpan<byte> request)
    {
        _sequence = BitConverter.ToUInt32(request[8..]);
        Requests++;
        Request = request.ToArray();
        return null;
    }

    public Reading<int> Receive(Span<byte> buffer)
    {
        if (!_answers.TryDequeue(out var answer))
            return new Missing(Absence.TimedOut, "no answer left");
        var datagram = answer(_sequence);
        datagram.CopyTo(buffer);
        return datagram.Length;
    }

    static byte[] Message(ushort type, ushort flags, uint sequence, byte[] payload)
    {
        var bytes = new byte[16 + payload.Length];
        BitConverter.TryWriteBytes(bytes, (uint)bytes.Length);
        BitConverter.TryWriteBytes(bytes.AsSpan(4), type);
        BitConverter.TryWriteBytes(bytes.AsSpan(6), flags);
        BitConverter.TryWriteBytes(bytes.AsSpan(8), sequence);
        payload.CopyTo(bytes, 16);
        return bytes;
    }
}
