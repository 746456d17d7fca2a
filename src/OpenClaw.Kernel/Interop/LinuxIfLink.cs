namespace OpenClaw.Kernel.Interop;

/// <summary>
/// linux/if_link.h, the flags and operational states of linux/if.h, and one type of linux/if_arp.h.
/// </summary>
static class LinuxIfLink
{
    public const int IFLA_ADDRESS = 1;
    public const int IFLA_IFNAME = 3;
    public const int IFLA_LINK = 5;
    public const int IFLA_MASTER = 10;
    public const int IFLA_OPERSTATE = 16;
    public const int IFLA_LINKINFO = 18;
    public const int IFLA_EXT_MASK = 29;
    public const int IFLA_LINK_NETNSID = 37;

    public const int IFLA_INFO_KIND = 1;
    public const int IFLA_INFO_SLAVE_KIND = 4;

    public const ushort ARPHRD_ETHER = 1;

    // linux/if.h
    public const uint IFF_UP = 1 << 0;
    public const uint IFF_LOOPBACK = 1 << 3;

    // linux/if.h, RFC 2863: IF_OPER_*.
    public const byte IF_OPER_NOTPRESENT = 1;
    public const byte IF_OPER_DOWN = 2;
    public const byte IF_OPER_LOWERLAYERDOWN = 3;

    /// <summary>An ifinfomsg followed by its attribute IFLA_EXT_MASK.</summary>
    public struct ifinfomsg_ext_mask
    {
        public LinuxRtnetlink.ifinfomsg ifi;
        public LinuxNetlink.nlattr attribute;
        public uint ext_mask;
    }
}
