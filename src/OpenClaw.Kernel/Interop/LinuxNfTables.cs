namespace OpenClaw.Kernel.Interop;

/// <summary>
/// linux/netfilter/nf_tables.h, nf_tables_compat.h and nf_nat.h. Attributes are big-endian. The ranges of xt targets
/// are in host byte order, with ports in network order.
/// </summary>
static class LinuxNfTables
{
    public const ushort NFT_MSG_GETRULE = (10 << 8) | 7;

    public const int NFTA_RULE_EXPRESSIONS = 4;
    public const int NFTA_EXPR_NAME = 1;
    public const int NFTA_EXPR_DATA = 2;
    public const int NFTA_IMMEDIATE_DREG = 1;
    public const int NFTA_IMMEDIATE_DATA = 2;
    public const int NFTA_DATA_VALUE = 1;
    public const int NFTA_MASQ_REG_PROTO_MIN = 2;
    public const int NFTA_MASQ_REG_PROTO_MAX = 3;
    public const int NFTA_NAT_TYPE = 1;
    public const int NFTA_NAT_REG_PROTO_MIN = 5;
    public const int NFTA_NAT_REG_PROTO_MAX = 6;
    public const uint NFT_NAT_SNAT = 0;
    public const int NFTA_TARGET_NAME = 1;
    public const int NFTA_TARGET_INFO = 3;

    public const uint NF_NAT_RANGE_PROTO_SPECIFIED = 1 << 1;

    /// <summary>
    /// The places of fields in struct nf_nat_ipv4_multi_range_compat: the number of ranges, then flags, two addresses
    /// and two ports.
    /// </summary>
    public const int MultiRangeLength = 20,
        MultiRangeFlags = 4,
        MultiRangePorts = 16;

    /// <summary>
    /// The places of fields in struct nf_nat_range, with which struct nf_nat_range2 begins: flags, two addresses of 16
    /// bytes and two ports.
    /// </summary>
    public const int RangeLength = 40,
        RangeFlags = 0,
        RangePorts = 36;
}
