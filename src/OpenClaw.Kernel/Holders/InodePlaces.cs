using System.Buffers;
using System.Numerics;

namespace OpenClaw.Kernel.Holders;

/// <summary>
/// The places of inodes in a list. It answers in a few nanoseconds, because it is asked once for each socket of the
/// machine. Its memory is used again by the next search.
/// </summary>
sealed class InodePlaces : IDisposable
{
    /// <summary>Fibonacci hashing: the golden ratio spreads inodes, which are consecutive numbers.</summary>
    const ulong Golden = 0x9e3779b97f4a7c15;

    readonly int _shift;
    Slot[] _slots;

    /// <summary>Makes the places.</summary>
    /// <param name="capacity">The limit on inodes.</param>
    public InodePlaces(int capacity)
    {
        var size = BitOperations.RoundUpToPowerOf2((uint)Math.Max(capacity, 1)) * 2;
        _shift = 64 - BitOperations.Log2(size);
        _slots = ArrayPool<Slot>.Shared.Rent((int)size);
        Array.Clear(_slots);
    }

    /// <summary>Makes the places of a list in which each inode is once.</summary>
    public InodePlaces(ReadOnlySpan<ulong> inodes)
        : this(inodes.Length)
    {
        for (var place = 0; place < inodes.Length; place++)
            Add(inodes[place], place);
    }

    /// <summary>Adds an inode, which is not 0. Where it is added already, its last place counts.</summary>
    public void Add(ulong inode, int place) => _slots[SlotOf(inode)] = new(inode, place);

    /// <summary>Returns the place of an inode; negative where it was not added.</summary>
    public int Find(ulong inode)
    {
        var slot = _slots[SlotOf(inode)];
        return slot.Inode == inode ? slot.Place : -1;
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
        var slot = (uint)((inode * Golden) >> _shift);
        while (_slots[slot].Inode != 0 && _slots[slot].Inode != inode)
            slot = (slot + 1) & mask;
        return slot;
    }

    readonly record struct Slot(ulong Inode, int Place);
}
