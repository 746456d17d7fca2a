using System.Buffers;

namespace OpenClaw.Kernel.Holders;

/// <summary>A socket that a process holds.</summary>
/// <param name="Inode">Its inode.</param>
/// <param name="Weight">The part that it takes of the resource of the group that has weights.</param>
/// <param name="Groups">The groups that it is in; see <see cref="GroupTally.Bit"/>.</param>
/// <param name="Port">Its port.</param>
/// <param name="User">The user who created it.</param>
readonly record struct HeldSocket(ulong Inode, long Weight, ulong Groups, ushort Port, uint User);

/// <summary>
/// The sockets of all groups, 32 bytes each. Its memory is used again by the next search: new lists of this size would
/// be most of the garbage.
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

    /// <summary>Removes the sockets from this place on.</summary>
    public void Cut(int count) => Count = count;

    /// <summary>
    /// Returns the places of the sockets by their inodes. A dump may show a socket twice. Its last place has all its
    /// groups then, and the other one has none.
    /// </summary>
    public InodePlaces ToPlaces()
    {
        var places = new InodePlaces(Count);
        for (var place = 0; place < Count; place++)
        {
            ref var socket = ref _sockets[place];
            if (places.Add(socket.Inode, place) is >= 0 and var before)
            {
                socket = socket with { Groups = socket.Groups | _sockets[before].Groups };
                _sockets[before] = _sockets[before] with { Groups = 0 };
            }
        }

        return places;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<HeldSocket>.Shared.Return(_sockets);
        (_sockets, Count) = ([], 0);
    }
}
