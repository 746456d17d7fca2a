namespace OpenClaw.Kernel.Interop;

/// <summary>linux/if_addr.h</summary>
static class LinuxIfAddr
{
    public const int IFA_LOCAL = 2;

    public struct ifaddrmsg
    {
        public byte ifa_family;
        public byte ifa_prefixlen;
        public byte ifa_flags;
        public byte ifa_scope;
        public int ifa_index;
    }
}
