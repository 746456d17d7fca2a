using System.Runtime.CompilerServices;

namespace OpenClaw.Kernel.Interop;

/// <summary>
/// linux/inet_diag.h and linux/sock_diag.h. Ports and addresses are big-endian; all else is in host byte order.
/// </summary>
static class LinuxInetDiag
{
    public const ushort TCPDIAG_GETSOCK = 18;
    public const ushort SOCK_DIAG_BY_FAMILY = 20;

    public const int INET_DIAG_SKV6ONLY = 11;
    public const int INET_DIAG_CGROUP_ID = 21;

    [InlineArray(16)]
    public struct address
    {
        byte _first;
    }

    public struct inet_diag_sockid
    {
        public ushort idiag_sport;
        public ushort idiag_dport;
        public address idiag_src;
        public address idiag_dst;
        public uint idiag_if;
        public uint idiag_cookie_0;
        public uint idiag_cookie_1;
    }

    /// <summary>
    /// The request of TCPDIAG_GETSOCK. It has no protocol field: TCP is implied. A dump ignores the family.
    /// </summary>
    public struct inet_diag_req
    {
        public byte idiag_family;
        public byte idiag_src_len;
        public byte idiag_dst_len;
        public byte idiag_ext;
        public inet_diag_sockid id;
        public uint idiag_states;
        public uint idiag_dbs;
    }

    public struct inet_diag_req_v2
    {
        public byte sdiag_family;
        public byte sdiag_protocol;
        public byte idiag_ext;
        public byte pad;
        public uint idiag_states;
        public inet_diag_sockid id;
    }

    public struct inet_diag_msg
    {
        public byte idiag_family;
        public byte idiag_state;
        public byte idiag_timer;
        public byte idiag_retrans;
        public inet_diag_sockid id;
        public uint idiag_expires;
        public uint idiag_rqueue;
        public uint idiag_wqueue;
        public uint idiag_uid;
        public uint idiag_inode;
    }
}
