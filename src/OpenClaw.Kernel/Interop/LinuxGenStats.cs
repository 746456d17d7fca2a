namespace OpenClaw.Kernel.Interop;

/// <summary>linux/gen_stats.h, and from linux/pkt_sched.h the structures that it replaced.</summary>
static class LinuxGenStats
{
    public const uint TC_H_ROOT = 0xffffffff;
    public const uint TC_H_INGRESS = 0xfffffff1;

    public const int TCA_STATS_QUEUE = 3;

    public struct gnet_stats_queue
    {
        public uint qlen;
        public uint backlog;
        public uint drops;
        public uint requeues;
        public uint overlimits;
    }

    public struct tc_stats
    {
        public ulong bytes;
        public uint packets;
        public uint drops;
        public uint overlimits;
        public uint bps;
        public uint pps;
        public uint qlen;
        public uint backlog;
    }
}
