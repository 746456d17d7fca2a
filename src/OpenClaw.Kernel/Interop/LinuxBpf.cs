using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OpenClaw.Kernel.Interop;

/// <summary>The declarations of linux/bpf.h, and the calls that libbpf makes of bpf(), under its names.</summary>
static unsafe partial class LinuxBpf
{
    const int BPF_MAP_CREATE = 0;
    const int BPF_MAP_LOOKUP_ELEM = 1;
    const int BPF_MAP_UPDATE_ELEM = 2;
    const int BPF_PROG_LOAD = 5;
    const int BPF_PROG_RUN = 10;
    const int BPF_RAW_TRACEPOINT_OPEN = 17;
    const int BPF_MAP_LOOKUP_BATCH = 24;
    const int BPF_MAP_LOOKUP_AND_DELETE_BATCH = 25;
    const int BPF_LINK_CREATE = 28;
    const int BPF_ITER_CREATE = 33;

    public const uint BPF_MAP_TYPE_HASH = 1;
    public const uint BPF_MAP_TYPE_ARRAY = 2;
    public const uint BPF_MAP_TYPE_LRU_HASH = 9;
    public const uint BPF_MAP_TYPE_RINGBUF = 27;

    /// <summary>Each element of a hash gets its memory when it is added.</summary>
    public const uint BPF_F_NO_PREALLOC = 1;

    public const uint BPF_PROG_TYPE_RAW_TRACEPOINT = 17;
    public const uint BPF_PROG_TYPE_TRACING = 26;
    public const uint BPF_PROG_TYPE_SYSCALL = 31;
    public const uint BPF_TRACE_RAW_TP = 23;
    public const uint BPF_TRACE_ITER = 28;

    /// <summary>The flag of programs that may sleep, as those that are called must be.</summary>
    const uint BPF_F_SLEEPABLE = 1 << 4;

    public const int BPF_PSEUDO_MAP_FD = 1;
    public const int BPF_PSEUDO_MAP_VALUE = 2;
    public const int BPF_PSEUDO_KFUNC_CALL = 2;
    public const int BPF_NOEXIST = 1;

    // The numbers of helpers, from ___BPF_FUNC_MAPPER.
    public const int BPF_FUNC_map_lookup_elem = 1;
    public const int BPF_FUNC_map_update_elem = 2;
    public const int BPF_FUNC_ktime_get_ns = 5;
    public const int BPF_FUNC_get_current_pid_tgid = 14;
    public const int BPF_FUNC_get_current_cgroup_id = 80;
    public const int BPF_FUNC_probe_read_user = 112;
    public const int BPF_FUNC_probe_read_kernel = 113;
    public const int BPF_FUNC_seq_write = 127;
    public const int BPF_FUNC_ringbuf_output = 130;
    public const int BPF_FUNC_skc_to_tcp_sock = 137;
    public const int BPF_FUNC_skc_to_tcp_timewait_sock = 138;
    public const int BPF_FUNC_get_current_task_btf = 158;
    public const int BPF_FUNC_sock_from_file = 162;

    // The first fields of a record in a ring buffer: its length with two flags, and a page offset.
    public const uint BPF_RINGBUF_BUSY_BIT = 1u << 31;
    public const uint BPF_RINGBUF_DISCARD_BIT = 1u << 30;
    public const int BPF_RINGBUF_HDR_SZ = 8;

    /// <summary>The number of bpf() in the table of system calls.</summary>
    static readonly nint NR_bpf = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 321 : 280;

    /// <summary>Creates a map. An array has keys of 4 bytes, a ring buffer neither keys nor values.</summary>
    public static SafeFileHandle bpf_map_create(
        uint map_type,
        int key_size,
        int value_size,
        int max_entries,
        uint map_flags = 0
    )
    {
        var attr = new bpf_attr
        {
            map_type = map_type,
            key_size = (uint)key_size,
            value_size = (uint)value_size,
            max_entries = (uint)max_entries,
            map_flags = map_flags,
        };
        return new(bpf(BPF_MAP_CREATE, ref attr), ownsHandle: true);
    }

    /// <summary>Copies the value of a key; -1 when there is none.</summary>
    public static int bpf_map_lookup_elem(SafeFileHandle map, ReadOnlySpan<byte> key, Span<byte> value)
    {
        fixed (
            byte* k = key,
                v = value
        )
        {
            var attr = new bpf_attr
            {
                map_fd = (int)map.DangerousGetHandle(),
                key = k,
                value = v,
            };
            return (int)bpf(BPF_MAP_LOOKUP_ELEM, ref attr);
        }
    }

    /// <summary>Sets the value of a key.</summary>
    public static int bpf_map_update_elem(SafeFileHandle map, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        fixed (
            byte* k = key,
                v = value
        )
        {
            var attr = new bpf_attr
            {
                map_fd = (int)map.DangerousGetHandle(),
                key = k,
                value = v,
            };
            return (int)bpf(BPF_MAP_UPDATE_ELEM, ref attr);
        }
    }

    /// <summary>
    /// Copies the next elements of a hash. After the last one it is -1 with ENOENT, and <paramref name="count"/> still
    /// tells the number of elements.
    /// </summary>
    /// <param name="map">The map.</param>
    /// <param name="batch">The place to go on, 4 bytes; it is not read where <paramref name="isFirst"/>.</param>
    /// <param name="isFirst">True for the first elements.</param>
    /// <param name="keys">The keys, one after the other.</param>
    /// <param name="values">The values, one after the other.</param>
    /// <param name="count">The room in elements, and then the number that was copied.</param>
    /// <param name="removes">True to remove the elements that are copied.</param>
    public static int bpf_map_lookup_batch(
        SafeFileHandle map,
        Span<byte> batch,
        bool isFirst,
        Span<byte> keys,
        Span<byte> values,
        ref int count,
        bool removes = false
    )
    {
        fixed (
            byte* b = batch,
                k = keys,
                v = values
        )
        {
            var attr = new bpf_attr
            {
                in_batch = isFirst ? null : b,
                out_batch = b,
                keys = k,
                values = v,
                count = (uint)count,
                batch_map_fd = (int)map.DangerousGetHandle(),
            };
            var result = (int)bpf(removes ? BPF_MAP_LOOKUP_AND_DELETE_BATCH : BPF_MAP_LOOKUP_BATCH, ref attr);
            count = (int)attr.count;
            return result;
        }
    }

    static nint bpf(int cmd, ref bpf_attr attr)
    {
        fixed (bpf_attr* a = &attr)
            return syscall(NR_bpf, cmd, a, sizeof(bpf_attr));
    }

    // long syscall(long number, ...);
    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint cmd, void* attr, nint size);
}
