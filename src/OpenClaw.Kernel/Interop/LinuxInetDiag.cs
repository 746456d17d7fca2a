using System.Runtime.CompilerServices;

namespace OpenClaw.Kernel.Interop;

/// <summary>
/// linux/inet_diag.h and linux/sock_diag.h. Ports and addresses are big-endian; all else is in host byte order.
/// </summary>
static class LinuxInetDiag
{
    public const ushort TCPDIAG_GETSOCK = 18;
    public const ushort SOCK_DIAG_BY_FAMILY = 20;

    // Attributes of a request, and the operations of its filter.
    const ushort INET_DIAG_REQ_BYTECODE = 1;
    const byte INET_DIAG_BC_S_GE = 2;
    const byte INET_DIAG_BC_S_LE = 3;

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

    /// <summary>
    /// An operation of a filter, with the steps in bytes where it is true and where it is not. A port follows in the
    /// field no of a second one.
    /// </summary>
    public struct inet_diag_bc_op
    {
        public byte code;
        public byte yes;
        public ushort no;
    }

    /// <summary>The attribute with a filter of source ports.</summary>
    public struct inet_diag_between
    {
        public ushort nla_len;
        public ushort nla_type;
        public inet_diag_bc_op at_least;
        public inet_diag_bc_op first;
        public inet_diag_bc_op at_most;
        public inet_diag_bc_op last;

        /// <summary>
        /// Makes the filter. A step behind its end by 4 bytes leaves out the socket (inet_diag_bc_run).
        /// </summary>
        public static inet_diag_between SourcePorts(ushort first, ushort last) =>
            new()
            {
                nla_len = (ushort)Unsafe.SizeOf<inet_diag_between>(),
                nla_type = INET_DIAG_REQ_BYTECODE,
                at_least =
                {
                    code = INET_DIAG_BC_S_GE,
                    yes = 8,
                    no = 20,
                },
                first = { no = first },
                at_most =
                {
                    code = INET_DIAG_BC_S_LE,
                    yes = 8,
                    no = 12,
                },
                last = { no = last },
            };
    }

    /// <summary>The request of TCPDIAG_GETSOCK with such a filter.</summary>
    public struct inet_diag_req_between
    {
        public inet_diag_req request;
        public inet_diag_between filter;
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
