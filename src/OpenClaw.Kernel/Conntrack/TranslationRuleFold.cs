using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Netlink;

namespace OpenClaw.Kernel.Conntrack;

/// <summary>
/// Collects the ranges of source ports in a dump of the rules of nf_tables. It reads masquerade and snat, and the
/// targets MASQUERADE and SNAT that iptables-nft writes. The conditions of a rule are not evaluated. A range that a map
/// looks up is left out.
/// </summary>
sealed class TranslationRuleFold : INetlinkFold
{
    /// <summary>The limit on ranges. No list of rules that a person wrote has as many.</summary>
    const int RangesAtMost = 1024;

    readonly HashSet<PortRange> _ranges = [];
    readonly Dictionary<uint, ushort> _registers = [];

    /// <summary>The ranges, each once.</summary>
    public IReadOnlyCollection<PortRange> Ranges => _ranges;

    public bool TryAdd(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < Unsafe.SizeOf<LinuxNfnetlink.nfgenmsg>())
            return false;
        var attributes = new NetlinkAttributes(payload[Unsafe.SizeOf<LinuxNfnetlink.nfgenmsg>()..]);
        while (attributes.MoveNext())
        {
            if (attributes.CurrentType != LinuxNfTables.NFTA_RULE_EXPRESSIONS)
                continue;
            _registers.Clear();
            var expressions = new NetlinkAttributes(attributes.CurrentPayload);
            while (expressions.MoveNext())
                AddExpression(expressions.CurrentPayload, payload[0]);
        }

        return !attributes.IsMalformed;
    }

    void AddExpression(ReadOnlySpan<byte> expression, byte family)
    {
        var name = Find(expression, LinuxNfTables.NFTA_EXPR_NAME).TrimEnd((byte)0);
        var data = Find(expression, LinuxNfTables.NFTA_EXPR_DATA);
        if (name.SequenceEqual("immediate"u8))
            Load(data);
        else if (name.SequenceEqual("masq"u8))
            AddRange(data, LinuxNfTables.NFTA_MASQ_REG_PROTO_MIN, LinuxNfTables.NFTA_MASQ_REG_PROTO_MAX);
        else if (name.SequenceEqual("nat"u8) && Number(data, LinuxNfTables.NFTA_NAT_TYPE) == LinuxNfTables.NFT_NAT_SNAT)
            AddRange(data, LinuxNfTables.NFTA_NAT_REG_PROTO_MIN, LinuxNfTables.NFTA_NAT_REG_PROTO_MAX);
        else if (name.SequenceEqual("target"u8))
            AddTarget(data, family);
        else if (Number(data, LinuxNfTables.NFTA_IMMEDIATE_DREG) is { } register)
            _ = _registers.Remove(register);
    }

    /// <summary>Remembers a constant of the length of a port.</summary>
    void Load(ReadOnlySpan<byte> immediate)
    {
        if (Number(immediate, LinuxNfTables.NFTA_IMMEDIATE_DREG) is not { } register)
            return;
        var value = Find(Find(immediate, LinuxNfTables.NFTA_IMMEDIATE_DATA), LinuxNfTables.NFTA_DATA_VALUE);
        if (value.Length == sizeof(ushort))
            _registers[register] = BinaryPrimitives.ReadUInt16BigEndian(value);
        else
            _ = _registers.Remove(register);
    }

    /// <summary>Adds the range between the ports in two registers. A rule with one port has only the first.</summary>
    void AddRange(ReadOnlySpan<byte> translation, int first, int last)
    {
        if (Number(translation, first) is { } low && _registers.TryGetValue(low, out var from))
            Add(from, _registers.GetValueOrDefault(Number(translation, last) ?? low, from));
    }

    void AddTarget(ReadOnlySpan<byte> target, byte family)
    {
        var name = Find(target, LinuxNfTables.NFTA_TARGET_NAME).TrimEnd((byte)0);
        if (!name.SequenceEqual("MASQUERADE"u8) && !name.SequenceEqual("SNAT"u8))
            return;
        var info = Find(target, LinuxNfTables.NFTA_TARGET_INFO);
        // The kernel pads a structure to a multiple of eight bytes. Only revision 0 for IPv4 has the shorter one.
        if (info.Length >= LinuxNfTables.RangeLength)
            AddTargetRange(info, LinuxNfTables.RangeFlags, LinuxNfTables.RangePorts);
        else if (family == SysSocket.AF_INET && info.Length >= LinuxNfTables.MultiRangeLength)
            AddTargetRange(info, LinuxNfTables.MultiRangeFlags, LinuxNfTables.MultiRangePorts);
    }

    void AddTargetRange(ReadOnlySpan<byte> info, int flags, int ports)
    {
        if ((BitConverter.ToUInt32(info[flags..]) & LinuxNfTables.NF_NAT_RANGE_PROTO_SPECIFIED) != 0)
        {
            Add(
                BinaryPrimitives.ReadUInt16BigEndian(info[ports..]),
                BinaryPrimitives.ReadUInt16BigEndian(info[(ports + sizeof(ushort))..])
            );
        }
    }

    void Add(ushort first, ushort last)
    {
        if (first <= last && _ranges.Count < RangesAtMost)
            _ = _ranges.Add(new(first, last));
    }

    static uint? Number(ReadOnlySpan<byte> attributes, int type) =>
        BinaryPrimitives.TryReadUInt32BigEndian(Find(attributes, type), out var value) ? value : null;

    /// <summary>Returns the payload of an attribute; empty where there is none.</summary>
    static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> attributes, int type)
    {
        var walk = new NetlinkAttributes(attributes);
        while (walk.MoveNext())
        {
            if (walk.CurrentType == type)
                return walk.CurrentPayload;
        }

        return [];
    }
}
