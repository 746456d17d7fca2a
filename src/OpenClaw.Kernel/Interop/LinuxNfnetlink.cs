namespace OpenClaw.Kernel.Interop;

/// <summary>linux/netfilter/nfnetlink.h and nfnetlink_conntrack.h. Attributes are big-endian.</summary>
static class LinuxNfnetlink
{
    const ushort NFNL_SUBSYS_CTNETLINK = 1 << 8;

    public const ushort IPCTNL_MSG_CT_GET_STATS_CPU = NFNL_SUBSYS_CTNETLINK | 4;

    public const int CTA_STATS_INSERT_FAILED = 9;
    public const int CTA_STATS_DROP = 10;
    public const int CTA_STATS_EARLY_DROP = 11;
    public const int CTA_STATS_CLASH_RESOLVE = 14;
    public const int CTA_STATS_CHAIN_TOOLONG = 15;

    public struct nfgenmsg
    {
        public byte nfgen_family;
        public byte version;
        public ushort res_id;
    }
}
