namespace OpenClaw.Kernel.Interop;

/// <summary>linux/rtnetlink.h. Everything is in host byte order.</summary>
static class LinuxRtnetlink
{
    public const ushort RTM_GETLINK = 18;
    public const ushort RTM_GETADDR = 22;
    public const ushort RTM_GETNEIGH = 30;
    public const ushort RTM_GETQDISC = 38;
    public const ushort RTM_GETTCLASS = 42;

    public const uint RTEXT_FILTER_SKIP_STATS = 1 << 3;

    public const int TCA_KIND = 1;
    public const int TCA_STATS = 3;
    public const int TCA_STATS2 = 7;

    public struct ifinfomsg
    {
        public byte ifi_family;
        public byte ifi_pad;
        public ushort ifi_type;
        public int ifi_index;
        public uint ifi_flags;
        public uint ifi_change;
    }

    public struct tcmsg
    {
        public byte tcm_family;
        public byte tcm_pad1;
        public ushort tcm_pad2;
        public int tcm_ifindex;
        public uint tcm_handle;
        public uint tcm_parent;
        public uint tcm_info;
    }
}
