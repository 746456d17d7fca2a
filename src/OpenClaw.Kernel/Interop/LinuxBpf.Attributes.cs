using System.Runtime.InteropServices;

namespace OpenClaw.Kernel.Interop;

static unsafe partial class LinuxBpf
{
    /// <summary>union bpf_attr: the fields of the commands above, up to prog_load's attach_btf_id.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 112)]
    struct bpf_attr
    {
        // BPF_MAP_CREATE
        [FieldOffset(0)]
        public uint map_type;

        [FieldOffset(4)]
        public uint key_size;

        [FieldOffset(8)]
        public uint value_size;

        [FieldOffset(12)]
        public uint max_entries;

        [FieldOffset(16)]
        public uint map_flags;

        // BPF_MAP_LOOKUP_ELEM, BPF_MAP_UPDATE_ELEM
        [FieldOffset(0)]
        public int map_fd;

        [FieldOffset(8)]
        public void* key;

        [FieldOffset(16)]
        public void* value;

        // BPF_MAP_LOOKUP_BATCH, BPF_MAP_LOOKUP_AND_DELETE_BATCH
        [FieldOffset(0)]
        public void* in_batch;

        [FieldOffset(8)]
        public void* out_batch;

        [FieldOffset(16)]
        public void* keys;

        [FieldOffset(24)]
        public void* values;

        [FieldOffset(32)]
        public uint count;

        [FieldOffset(36)]
        public int batch_map_fd;

        // BPF_PROG_LOAD
        [FieldOffset(0)]
        public uint prog_type;

        [FieldOffset(4)]
        public uint insn_cnt;

        [FieldOffset(8)]
        public void* insns;

        [FieldOffset(16)]
        public void* license;

        [FieldOffset(24)]
        public uint log_level;

        [FieldOffset(28)]
        public uint log_size;

        [FieldOffset(32)]
        public void* log_buf;

        [FieldOffset(44)]
        public uint prog_flags;

        [FieldOffset(48)]
        public ulong prog_name;

        [FieldOffset(68)]
        public uint expected_attach_type;

        [FieldOffset(108)]
        public uint attach_btf_id;

        // BPF_RAW_TRACEPOINT_OPEN
        [FieldOffset(0)]
        public void* name;

        [FieldOffset(8)]
        public int prog_fd;

        // BPF_PROG_RUN
        [FieldOffset(0)]
        public int run_prog_fd;

        [FieldOffset(4)]
        public uint retval;

        // BPF_LINK_CREATE
        [FieldOffset(0)]
        public int link_prog_fd;

        [FieldOffset(8)]
        public uint attach_type;

        // BPF_ITER_CREATE
        [FieldOffset(0)]
        public int link_fd;
    }
}
