using System.Buffers;

namespace OpenClaw.Kernel.Holders;

/// <summary>A socket that a process holds.</summary>
/// <param name="Inode">Its inode.</param>
/// <param name="Weight">The part of the resource that it takes.</param>
/// <param name="Port">Its port.</param>
/// <param name="User">The user who created it.</param>
readonly record struct HeldSocket(ulong Inode, long Weight, ushort Port, uint User);

/// <summary>
/// A list of sockets, 24 bytes each. Its memory is used again by the next search: new lists of this size would be most
/// of the garbage.
/// </summary>
sealed class SocketBuffer : IDisposable
{
    const int Initial = 256;

    HeldSocket[] _sockets = ArrayPool<HeldSocket>.Shared.Rent(Initial);

    /// <summary>The number of sockets.</summary>
    public int Count { get; private set; }

    /// <summary>The sockets.</summary>
    public Span<HeldSocket> Sockets => _sockets.AsSpan(0, Count);

    public void Add(in HeldSocket socket)
    {
        if (Count == _sockets.Length)
        {
            var larger = ArrayPool<HeldSocket>.Shared.Rent(2 * Count);
            _sockets.CopyTo(larger, 0);
            ArrayPool<HeldSocket>.Shared.Return(_sockets);
            _sockets = larger;
        }

        _sockets[Count++] = socket;
    }

    public void Clear() => Count = 0;

    /// <summary>Returns the places of the sockets by their inodes.</summary>
    public InodePlaces ToPlaces()
    {
        var places = new InodePlaces(Count);
        for (var place = 0; place < Count; place++)
            places.Add(_sockets[place].Inode, place);
        return places;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<HeldSocket>.Shared.Return(_sockets);
        (_sockets, Count) = ([], 0);
    }
}
