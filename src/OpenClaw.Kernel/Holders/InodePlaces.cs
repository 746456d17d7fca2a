using System.Buffers;
using System.Numerics;

namespace OpenClaw.Kernel.Holders;

/// <summary>
/// The places of inodes in a list. It answers in a few nanoseconds, because it is asked once for each socket of the
/// machine. Its memory is used again by the next search.
/// </summary>
sealed class InodePlaces : IDisposable
{
    /// <summary>
    /// Fibonacci hashing: the golden ratio spreads blocks of 16 inodes. The inodes of sockets are consecutive numbers,
    /// and so are mostly those of a process. Neighbours in a block cost no further look into memory.
    /// </summary>
    const ulong Golden = 0x9e3779b97f4a7c15;
    const int Block = 16;

    readonly int _shift;
    Slot[] _slots;

    /// <summary>The number of places. Some may have no inode, where that has a later one.</summary>
    public int Length { get; }

    /// <summary>The number of inodes.</summary>
    public int Count { get; private set; }

    /// <summary>Makes the places.</summary>
    /// <param name="length">The number of places.</param>
    public InodePlaces(int length)
    {
        Length = length;
        var size = BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, 1)) * 2;
        _shift = 64 - BitOperations.Log2(size);
        _slots = ArrayPool<Slot>.Shared.Rent((int)size);
        Array.Clear(_slots);
    }

    /// <summary>Makes the places of a list in which each inode is once.</summary>
    public InodePlaces(ReadOnlySpan<ulong> inodes)
        : this(inodes.Length)
    {
        for (var place = 0; place < inodes.Length; place++)
            _ = Add(inodes[place], place);
    }

    /// <summary>
    /// Adds an inode, which is not 0. Where it is added already, its last place counts. Returns the place before;
    /// negative where there was none.
    /// </summary>
    public int Add(ulong inode, int place)
    {
        ref var slot = ref _slots[SlotOf(inode)];
        var before = slot.Inode == inode ? slot.Place : -1;
        Count += before < 0 ? 1 : 0;
        slot = new(inode, place);
        return before;
    }

    /// <summary>Returns the place of an inode; negative where it was not added.</summary>
    public int Find(ulong inode)
    {
        var slot = _slots[SlotOf(inode)];
        return slot.Inode == inode ? slot.Place : -1;
    }

    /// <summary>
    /// Sets a bit for each inode. An inode without its bit is not there; one with it may be another's.
    /// </summary>
    /// <param name="filter">The bits. Their number is a power of two.</param>
    public void MarkIn(Span<ulong> filter)
    {
        foreach (var slot in _slots)
        {
            if (slot.Inode != 0)
                filter[(int)(slot.Inode / 64) & (filter.Length - 1)] |= 1UL << (int)slot.Inode;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<Slot>.Shared.Return(_slots);
        _slots = [];
    }

    /// <summary>Returns the slot of an inode, or the free one where it would be.</summary>
    uint SlotOf(ulong inode)
    {
        var mask = uint.MaxValue >> (_shift - 32);
        var slot = ((uint)(((inode / Block) * Golden) >> _shift) ^ (uint)(inode % Block)) & mask;
        while (_slots[slot].Inode != 0 && _slots[slot].Inode != inode)
            slot = (slot + 1) & mask;
        return slot;
    }

    readonly record struct Slot(ulong Inode, int Place);
}
