using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Bpf;

/// <summary>Receives a record of a ring buffer. It is overwritten after the call.</summary>
delegate void BpfRecordReceiver(ReadOnlySpan<byte> record);

/// <summary>A ring buffer that programs in the kernel fill and this process empties.</summary>
sealed class BpfRing : IDisposable
{
    readonly SysMman.Mapping _consumer;
    readonly SysMman.Mapping _producer;
    readonly BpfMap _map;
    readonly int _length;

    BpfRing(BpfMap map, int length, SysMman.Mapping consumer, SysMman.Mapping producer) =>
        (_map, _length, _consumer, _producer) = (map, length, consumer, producer);

    /// <summary>The map, for the instructions of a program.</summary>
    public BpfMap Map => _map;

    /// <summary>Creates a ring buffer.</summary>
    /// <param name="length">Its length in bytes, a power of two and whole pages.</param>
    public static Reading<BpfRing> Create(int length)
    {
        var created = BpfMap.RingBuffer(length);
        if (!created.TryGet(out var map))
            return created.Missing!;

        // kernel/bpf/ringbuf.c: a page of the consumer's, a page of the producer's, and the data twice in a row, so
        // that no record is divided.
        var page = Environment.SystemPageSize;
        var consumer = SysMman.mmap(map.Handle, page, 0, isWritable: true);
        var error = Marshal.GetLastPInvokeError();
        var producer = SysMman.mmap(map.Handle, page + (2 * length), page, isWritable: false);
        if (!consumer.IsInvalid && !producer.IsInvalid)
            return new BpfRing(map, length, consumer, producer);
        error = consumer.IsInvalid ? error : Marshal.GetLastPInvokeError();
        consumer.Dispose();
        producer.Dispose();
        map.Dispose();
        return Missing.FromErrno(error, "mmap of a ring buffer", KernelCall.File);
    }

    /// <summary>Takes all records that are complete.</summary>
    public void Take(BpfRecordReceiver receive)
    {
        var produced = _producer.Bytes;
        Take(_consumer.Bytes, produced, produced[Environment.SystemPageSize..], _length, receive);
    }

    /// <summary>Takes all records that are complete.</summary>
    /// <param name="consumer">The position behind the last record that was taken. It is moved.</param>
    /// <param name="producer">The position behind the last record that is written.</param>
    /// <param name="data">The data, twice in a row.</param>
    /// <param name="length">The length of the data.</param>
    /// <param name="receive">Receives each record.</param>
    internal static void Take(
        Span<byte> consumer,
        ReadOnlySpan<byte> producer,
        ReadOnlySpan<byte> data,
        int length,
        BpfRecordReceiver receive
    )
    {
        ref var position = ref MemoryMarshal.AsRef<ulong>(consumer);
        var end = Volatile.Read(in MemoryMarshal.AsRef<ulong>(producer));
        var at = position;
        while (at < end)
        {
            var place = (int)(at & (ulong)(length - 1));
            var header = Volatile.Read(in MemoryMarshal.AsRef<uint>(data[place..]));
            if ((header & LinuxBpf.BPF_RINGBUF_BUSY_BIT) != 0)
                return;
            var size = (int)(header & ~LinuxBpf.BPF_RINGBUF_DISCARD_BIT);

            // A record that is longer than the data is not the kernel's. Everything is skipped then.
            if (size > length - LinuxBpf.BPF_RINGBUF_HDR_SZ)
            {
                Volatile.Write(ref position, end);
                return;
            }

            if ((header & LinuxBpf.BPF_RINGBUF_DISCARD_BIT) == 0)
                receive(data.Slice(place + LinuxBpf.BPF_RINGBUF_HDR_SZ, size));
            at += (ulong)((size + LinuxBpf.BPF_RINGBUF_HDR_SZ + 7) & ~7);
            Volatile.Write(ref position, at);
        }
    }

    public void Dispose()
    {
        _consumer.Dispose();
        _producer.Dispose();
        _map.Dispose();
    }
}
