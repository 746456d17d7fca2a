using System.Diagnostics;
using System.Net;

namespace OpenClaw.Exporter.Web;

/// <summary>
/// A limited number of places for clients. When all are taken, a newcomer gets a place of the address that has most of
/// them, idle ones first. So no address can keep another one out.
/// </summary>
/// <param name="atMost">The number of places; 0 for no limit.</param>
sealed class Places(int atMost)
{
    readonly Lock _lock = new();
    readonly List<Place> _taken = [];
    readonly Dictionary<IPAddress, int> _counts = [];

    /// <summary>Takes a place. Returns null where none is free, and no other client has to leave.</summary>
    /// <param name="address">The address of the client; null for one without an address.</param>
    /// <param name="isIdle">True for a client that may have to leave at any time.</param>
    /// <param name="close">Makes the client leave.</param>
    /// <param name="hasEvicted">True where another client had to leave.</param>
    public Place? TryTake(IPAddress? address, bool isIdle, Action close, out bool hasEvicted)
    {
        var place = new Place(Client(address), close) { IsIdle = isIdle };
        Place? evicted = null;
        lock (_lock)
        {
            if (atMost > 0 && _taken.Count >= atMost)
            {
                evicted = Victim(_counts.GetValueOrDefault(place.Address));
                if (evicted is not null)
                    Remove(evicted);
            }

            hasEvicted = evicted is not null;
            if (atMost > 0 && _taken.Count >= atMost)
                return null;
            _taken.Add(place);
            _counts[place.Address] = _counts.GetValueOrDefault(place.Address) + 1;
        }

        evicted?.Close();
        return place;
    }

    /// <summary>Frees a place, unless its client had to leave already.</summary>
    public void Free(Place place)
    {
        lock (_lock)
            Remove(place);
    }

    /// <summary>
    /// Returns the place to free: of the address with most places, the longest idle one, else the oldest.
    /// </summary>
    /// <param name="own">The number of places that the newcomer's address has.</param>
    Place? Victim(int own)
    {
        Place? victim = null;
        var best = (0, 0, 0L);
        foreach (var place in _taken)
        {
            var count = _counts[place.Address];
            if (place.IsIdle ? count < own : count <= own + 1)
                continue;
            var rank = (count, place.IsIdle ? 1 : 0, -place.Since);
            if (rank.CompareTo(best) > 0)
                (victim, best) = (place, rank);
        }

        return victim;
    }

    void Remove(Place place)
    {
        if (!_taken.Remove(place))
            return;
        if (--_counts[place.Address] == 0)
            _counts.Remove(place.Address);
    }

    /// <summary>
    /// Returns the client behind an address. For IPv6, it has all addresses with the same first 64 bits.
    /// </summary>
    public static IPAddress Client(IPAddress? address)
    {
        if (address is null || address.IsIPv4MappedToIPv6)
            return address?.MapToIPv4() ?? IPAddress.None;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(Math.Min(8, bytes.Length)).Clear();
        return new(bytes);
    }
}

/// <summary>The place of a connection or request.</summary>
/// <param name="address">The client.</param>
/// <param name="close">Makes the client leave.</param>
sealed class Place(IPAddress address, Action close)
{
    int _requests;
    int _cancelled;

    /// <summary>The client.</summary>
    public IPAddress Address => address;

    /// <summary>True where nothing is in progress.</summary>
    public bool IsIdle { get; set; }

    /// <summary>The time at which it was taken or became idle, on the monotonic clock.</summary>
    public long Since { get; private set; } = Stopwatch.GetTimestamp();

    /// <summary>The number of requests that the client cancelled.</summary>
    public int Cancelled => _cancelled;

    /// <summary>Makes the client leave.</summary>
    public void Close() => close();

    /// <summary>Counts a request in progress.</summary>
    public void Begin()
    {
        Interlocked.Increment(ref _requests);
        IsIdle = false;
    }

    /// <summary>Counts the end of a request.</summary>
    public void End(bool isCancelled)
    {
        if (isCancelled)
            Interlocked.Increment(ref _cancelled);
        Since = Stopwatch.GetTimestamp();
        IsIdle = Interlocked.Decrement(ref _requests) == 0;
    }
}
