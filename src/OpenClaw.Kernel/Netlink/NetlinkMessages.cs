using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;

namespace OpenClaw.Kernel.Netlink;

/// <summary>A message of a datagram: its header and the bytes after it.</summary>
readonly ref struct NetlinkMessage(LinuxNetlink.nlmsghdr header, ReadOnlySpan<byte> payload)
{
    public LinuxNetlink.nlmsghdr Header { get; } = header;

    public ReadOnlySpan<byte> Payload { get; } = payload;
}

/// <summary>
/// Walks the messages of one datagram. Lengths are checked only here. After the walk, <see cref="IsMalformed"/> is true
/// if it ended early.
/// </summary>
ref struct NetlinkMessages(ReadOnlySpan<byte> datagram)
{
    ReadOnlySpan<byte> _rest = datagram;
    NetlinkMessage _current;

    public bool IsMalformed { get; private set; }

    public readonly NetlinkMessage Current => _current;

    public bool MoveNext()
    {
        if (_rest.IsEmpty)
            return false;
        if (
            !MemoryMarshal.TryRead<LinuxNetlink.nlmsghdr>(_rest, out var header)
            || header.nlmsg_len < Unsafe.SizeOf<LinuxNetlink.nlmsghdr>()
            || header.nlmsg_len > _rest.Length
        )
        {
            IsMalformed = true;
            return false;
        }

        _current = new(header, _rest[Unsafe.SizeOf<LinuxNetlink.nlmsghdr>()..(int)header.nlmsg_len]);
        // The last message may lack its padding.
        _rest = _rest[Math.Min(NetlinkAlignment.Align((int)header.nlmsg_len), _rest.Length)..];
        return true;
    }
}

/// <summary>
/// Walks the attributes after a message's fixed part. It checks lengths as <see cref="NetlinkMessages"/> does.
/// </summary>
ref struct NetlinkAttributes(ReadOnlySpan<byte> attributes)
{
    ReadOnlySpan<byte> _rest = attributes;

    public bool IsMalformed { get; private set; }

    public int CurrentType { get; private set; }

    public ReadOnlySpan<byte> CurrentPayload { get; private set; }

    public bool MoveNext()
    {
        if (_rest.IsEmpty)
            return false;
        if (
            !MemoryMarshal.TryRead<LinuxNetlink.nlattr>(_rest, out var attribute)
            || attribute.nla_len < Unsafe.SizeOf<LinuxNetlink.nlattr>()
            || attribute.nla_len > _rest.Length
        )
        {
            IsMalformed = true;
            return false;
        }

        CurrentType = attribute.nla_type & LinuxNetlink.NLA_TYPE_MASK;
        CurrentPayload = _rest[Unsafe.SizeOf<LinuxNetlink.nlattr>()..attribute.nla_len];
        _rest = _rest[Math.Min(NetlinkAlignment.Align(attribute.nla_len), _rest.Length)..];
        return true;
    }
}

static class NetlinkAlignment
{
    public static int Align(int length) => (length + 3) & ~3;
}
