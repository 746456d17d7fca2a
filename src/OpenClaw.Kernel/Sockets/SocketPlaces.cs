using System.Diagnostics;
using System.Runtime.InteropServices;
using static OpenClaw.Kernel.Sockets.TcpWalkLayout;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// The places of the kernel's hash of connections where each other network namespace has sockets, as a walk noted them.
/// They are known for a moment, and not in the next snapshot.
/// </summary>
sealed class SocketPlaces
{
    /// <summary>The age from which notes are not used any more.</summary>
    static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// The time after a walk of another namespace in which the next one is expected. It is also the time without notes
    /// after one with too many namespaces.
    /// </summary>
    static readonly TimeSpan Expected = TimeSpan.FromMinutes(1);

    readonly Dictionary<ulong, byte[]> _places = [];
    ulong _hash;
    ulong _walked;
    long _noted = -1;
    long? _wanted;
    long? _overflowed;

    /// <summary>
    /// Writes the places of a namespace for a walk; or that it notes those of others, where they will be needed.
    /// Returns true where it wrote the places.
    /// </summary>
    /// <param name="walk">The value that the whole walk shares.</param>
    /// <param name="turn">The walk.</param>
    public bool WriteTo(Span<byte> walk, WalkTurn turn)
    {
        if (turn.IsOfOther)
            _wanted = Stopwatch.GetTimestamp();
        var isKnown =
            turn is { IsOfOther: true, Namespace: not 0, IsWhole: false }
            && turn.Namespace != _walked
            && _noted > turn.Began
            && IsWithin(_noted, Moment);
        if (isKnown)
        {
            MemoryMarshal.Write(walk[KnownAt..], 1UL);
            MemoryMarshal.Write(walk[HashAt..], _hash);
            if (_places.TryGetValue(turn.Namespace, out var places))
                places.CopyTo(walk[PlacesAt..]);
        }
        else if (IsWithin(_wanted, Expected) && !IsWithin(_overflowed, Expected) && !turn.IsWhole)
        {
            MemoryMarshal.Write(walk[NotesAt..], 1UL);
        }

        return isKnown;
    }

    /// <summary>Forgets all where a walk has noted others. Returns false where it has not, or not all.</summary>
    /// <param name="walk">The value that the whole walk shared.</param>
    public bool Restart(ReadOnlySpan<byte> walk)
    {
        if (MemoryMarshal.Read<ulong>(walk[NotesAt..]) == 0)
            return false;
        _places.Clear();
        _noted = -1;
        _hash = MemoryMarshal.Read<ulong>(walk[HashAt..]);
        if (MemoryMarshal.Read<ulong>(walk[UnnotedAt..]) == 0)
            return true;
        _overflowed = Stopwatch.GetTimestamp();
        return false;
    }

    /// <summary>Adds the places of a namespace.</summary>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> places) =>
        _places[MemoryMarshal.Read<ulong>(key)] = places.ToArray();

    /// <summary>Ends the restart, when the places of all other namespaces were added.</summary>
    /// <param name="walked">The namespace of the walk, which did not note its own.</param>
    /// <param name="began">The time at which it began.</param>
    public void Finish(ulong walked, long began) => (_walked, _noted) = (walked, began);

    static bool IsWithin(long? time, TimeSpan span) => time is { } then && Stopwatch.GetElapsedTime(then) < span;
}

/// <summary>A walk through the sockets of a namespace.</summary>
/// <param name="Namespace">The inode of the namespace; 0 where it is unknown.</param>
/// <param name="Began">The time at which its snapshot began, as a <see cref="Stopwatch"/> has it.</param>
/// <param name="IsOfOther">True where the namespace is not the exporter's own.</param>
/// <param name="Sockets">The number of its sockets by the kernel's count, without listeners; 0 where it is
/// unknown.</param>
readonly record struct WalkTurn(ulong Namespace, long Began, bool IsOfOther, long Sockets)
{
    /// <summary>True to pass the whole hash, although places are known.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Returns true where so many sockets are fewer than the kernel counted a moment before.</summary>
    public bool Misses(ulong passed) => (long)passed < Sockets - (Sockets / 100) - 8;
}
