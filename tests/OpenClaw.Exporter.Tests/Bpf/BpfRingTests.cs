using CsCheck;
using OpenClaw.Kernel.Bpf;
using OpenClaw.Kernel.Refusals;

namespace OpenClaw.Exporter.Tests;

/// <summary>Records are taken from a ring buffer in their order, and broken ones do no harm.</summary>
public class BpfRingTests
{
    const int Length = 4096;
    const uint Busy = 1u << 31;
    const uint Discarded = 1u << 30;

    readonly byte[] _consumer = new byte[8];
    readonly byte[] _producer = new byte[8];
    readonly byte[] _data = new byte[2 * Length];

    [Fact]
    public void Complete_records_are_taken_once_and_discarded_ones_skipped()
    {
        Write(0, 5, [1, 2, 3, 4, 5]);
        Write(16, 4 | Discarded, [9, 9, 9, 9]);
        Write(32, 3, [6, 7, 8]);
        Write(48, 8 | Busy, []);
        BitConverter.TryWriteBytes(_producer, 64UL);

        Assert.Equal(["1 2 3 4 5", "6 7 8"], Take());
        Assert.Empty(Take());
        Write(48, 2, [1, 1]);
        Assert.Equal(["1 1"], Take());
        Assert.Equal(64UL, BitConverter.ToUInt64(_consumer));
    }

    [Fact]
    public void A_record_at_the_end_is_read_in_one_piece()
    {
        BitConverter.TryWriteBytes(_consumer, (ulong)(3 * Length) - 8);
        BitConverter.TryWriteBytes(_producer, (ulong)(3 * Length) + 8);
        Write(Length - 8, 4, [1, 2, 3, 4]);

        Assert.Equal(["1 2 3 4"], Take());
    }

    [Fact]
    public void Any_bytes_are_read_without_harm() =>
        Gen.Select(Gen.Byte.Array[2 * Length], Gen.ULong[0, 3 * Length], Gen.ULong[0, 4 * Length])
            .Sample(
                (bytes, from, to) =>
                {
                    var consumer = BitConverter.GetBytes(from & ~7UL);
                    BpfRing.Take(consumer, BitConverter.GetBytes(to & ~7UL), bytes, Length, static record =>
                        _ = RefusedCall.Read(record)
                    );
                    Assert.InRange(BitConverter.ToUInt64(consumer), from & ~7UL, ulong.MaxValue);
                },
                iter: 2000
            );

    [Fact]
    public void A_call_is_read_with_its_target()
    {
        var record = new byte[RefusedCall.Length];
        BitConverter.TryWriteBytes(record.AsSpan(RefusedCall.PidAt), 4711);
        BitConverter.TryWriteBytes(record.AsSpan(RefusedCall.NumberAt), 9999);
        BitConverter.TryWriteBytes(record.AsSpan(RefusedCall.ErrorAt), 24);
        "worker"u8.CopyTo(record.AsSpan(RefusedCall.CommAt));
        byte[] address = [2, 0, 0x23, 0x28, 127, 0, 0, 1];
        address.CopyTo(record, RefusedCall.AddressAt);

        var call = RefusedCall.Read(record)!;

        Assert.Equal(
            ("worker", 4711, "system call 9999", "EMFILE", "127.0.0.1:9000"),
            (call.Process, call.Pid, call.Call, call.ErrorName, call.Target)
        );
        Assert.Null(RefusedCall.Read(record.AsSpan(1)));
    }

    void Write(int at, uint header, byte[] record)
    {
        foreach (var place in (int[])[at, (at + Length) % (2 * Length)])
        {
            BitConverter.TryWriteBytes(_data.AsSpan(place), header);
            if (place + 8 + record.Length <= _data.Length)
                record.CopyTo(_data, place + 8);
        }
    }

    List<string> Take()
    {
        var taken = new List<string>();
        BpfRing.Take(_consumer, _producer, _data, Length, record => taken.Add(string.Join(' ', record.ToArray())));
        return taken;
    }
}
