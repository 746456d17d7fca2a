using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Bpf;

/// <summary>A map that programs in the kernel write and this process reads. It ends with this process.</summary>
sealed class BpfMap : IDisposable
{
    /// <summary>The limit on elements, and on bytes of their values, that are copied by one call.</summary>
    const int ElementsAtMost = 256;
    const int BytesAtMost = 64 * 1024;

    readonly SafeFileHandle _handle;
    readonly int _keySize;
    readonly int _valueSize;

    BpfMap(SafeFileHandle handle, int keySize, int valueSize) =>
        (_handle, _keySize, _valueSize) = (handle, keySize, valueSize);

    /// <summary>The descriptor, for the instructions of a program.</summary>
    public int Descriptor => (int)_handle.DangerousGetHandle();

    /// <summary>The descriptor, for the mapping of a ring buffer.</summary>
    internal SafeFileHandle Handle => _handle;

    /// <summary>Creates a hash that forgets the elements that were used least recently when it is full.</summary>
    public static Reading<BpfMap> LruHash(int keySize, int valueSize, int elements) =>
        Create(LinuxBpf.BPF_MAP_TYPE_LRU_HASH, keySize, valueSize, elements);

    /// <summary>Creates a hash whose elements take memory only while they are in it.</summary>
    public static Reading<BpfMap> Hash(int keySize, int valueSize, int elements) =>
        Create(LinuxBpf.BPF_MAP_TYPE_HASH, keySize, valueSize, elements, LinuxBpf.BPF_F_NO_PREALLOC);

    /// <summary>Creates an array with one value.</summary>
    public static Reading<BpfMap> OneValue(int valueSize) =>
        Create(LinuxBpf.BPF_MAP_TYPE_ARRAY, sizeof(int), valueSize, 1);

    /// <summary>Creates a ring buffer. Its length is a power of two, and whole pages.</summary>
    public static Reading<BpfMap> RingBuffer(int length) => Create(LinuxBpf.BPF_MAP_TYPE_RINGBUF, 0, 0, length);

    /// <summary>Reads the number of 64 bits that a map of one value has.</summary>
    public Reading<ulong> ReadNumber()
    {
        Span<byte> value = stackalloc byte[sizeof(ulong)];
        return Read(value) is { } failure ? failure : BitConverter.ToUInt64(value);
    }

    /// <summary>Reads the value of a map of one value. Returns the failure; null when it was read.</summary>
    public Missing? Read(Span<byte> value) =>
        LinuxBpf.bpf_map_lookup_elem(_handle, stackalloc byte[sizeof(int)], value) == 0
            ? null
            : BpfRefusal.From(Marshal.GetLastPInvokeError(), "BPF_MAP_LOOKUP_ELEM");

    /// <summary>Writes the value of a map of one value. Returns the failure; null when it was written.</summary>
    public Missing? Write(ReadOnlySpan<byte> value) =>
        LinuxBpf.bpf_map_update_elem(_handle, stackalloc byte[sizeof(int)], value) == 0
            ? null
            : BpfRefusal.From(Marshal.GetLastPInvokeError(), "BPF_MAP_UPDATE_ELEM");

    /// <summary>Reads all elements of a hash. Returns the failure; null when all were read.</summary>
    public Missing? ReadAll(BpfElementReceiver receive) => Read(receive, removes: false);

    /// <summary>Reads and removes all elements of a hash. Returns the failure; null when it is empty.</summary>
    public Missing? TakeAll(BpfElementReceiver receive) => Read(receive, removes: true);

    Missing? Read(BpfElementReceiver receive, bool removes)
    {
        var batchSize = Math.Min(ElementsAtMost, BytesAtMost / _valueSize);
        var keys = ArrayPool<byte>.Shared.Rent(_keySize * batchSize);
        var values = ArrayPool<byte>.Shared.Rent(_valueSize * batchSize);
        try
        {
            Span<byte> batch = stackalloc byte[sizeof(uint)];
            for (var isFirst = true; ; isFirst = false)
            {
                var count = batchSize;
                var error =
                    LinuxBpf.bpf_map_lookup_batch(_handle, batch, isFirst, keys, values, ref count, removes) == 0
                        ? 0
                        : Marshal.GetLastPInvokeError();
                if (error is not (0 or Errno.ENOENT))
                    return BpfRefusal.From(error, "BPF_MAP_LOOKUP_BATCH");
                for (var i = 0; i < count; i++)
                    receive(keys.AsSpan(i * _keySize, _keySize), values.AsSpan(i * _valueSize, _valueSize));
                if (error != 0)
                    return null;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(keys);
            ArrayPool<byte>.Shared.Return(values);
        }
    }

    public void Dispose() => _handle.Dispose();

    static Reading<BpfMap> Create(uint type, int keySize, int valueSize, int elements, uint flags = 0)
    {
        var handle = LinuxBpf.bpf_map_create(type, keySize, valueSize, elements, flags);
        if (!handle.IsInvalid)
            return new BpfMap(handle, keySize, valueSize);
        var error = Marshal.GetLastPInvokeError();
        handle.Dispose();
        return BpfRefusal.From(error, "BPF_MAP_CREATE");
    }
}

/// <summary>Receives an element of a hash.</summary>
delegate void BpfElementReceiver(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);
