namespace OpenClaw.Kernel.Interop;

/// <summary>linux/neighbour.h</summary>
static class LinuxNeighbour
{
    public const int NDA_MASTER = 9;

    public const ushort NUD_PERMANENT = 0x80;
    public const byte NTF_EXT_LEARNED = 0x10;

    public struct ndmsg
    {
        public byte ndm_family;
        public byte ndm_pad1;
        public ushort ndm_pad2;
        public int ndm_ifindex;
        public ushort ndm_state;
        public byte ndm_flags;
        public byte ndm_type;
    }
}
