namespace OpenClaw.Kernel.Interop;

/// <summary>
/// linux/netfilter/nfnetlink.h, nfnetlink_conntrack.h and nf_conntrack_common.h. Attributes are big-endian.
/// </summary>
static class LinuxNfnetlink
{
    const ushort NFNL_SUBSYS_CTNETLINK = 1 << 8;

    public const ushort IPCTNL_MSG_CT_GET = NFNL_SUBSYS_CTNETLINK | 1;

    public const ushort IPCTNL_MSG_CT_GET_STATS_CPU = NFNL_SUBSYS_CTNETLINK | 4;

    public const int CTA_STATS_INSERT_FAILED = 9;
    public const int CTA_STATS_DROP = 10;
    public const int CTA_STATS_EARLY_DROP = 11;
    public const int CTA_STATS_CLASH_RESOLVE = 14;
    public const int CTA_STATS_CHAIN_TOOLONG = 15;

    public const int CTA_TUPLE_ORIG = 1;
    public const int CTA_TUPLE_REPLY = 2;
    public const int CTA_STATUS = 3;
    public const int CTA_PROTOINFO = 4;
    public const int CTA_ZONE = 18;
    public const int CTA_TUPLE_IP = 1;
    public const int CTA_TUPLE_PROTO = 2;
    public const int CTA_IP_V4_SRC = 1;
    public const int CTA_IP_V4_DST = 2;
    public const int CTA_IP_V6_SRC = 3;
    public const int CTA_IP_V6_DST = 4;
    public const int CTA_PROTO_NUM = 1;
    public const int CTA_PROTO_SRC_PORT = 2;
    public const int CTA_PROTO_DST_PORT = 3;
    public const int CTA_PROTOINFO_TCP = 1;
    public const int CTA_PROTOINFO_TCP_STATE = 1;

    public const uint IPS_SEEN_REPLY = 1 << 1;
    public const uint IPS_SRC_NAT = 1 << 4;

    public struct nfgenmsg
    {
        public byte nfgen_family;
        public byte version;
        public ushort res_id;
    }
}
