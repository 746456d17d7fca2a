using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace OpenClaw.Kernel.Ports;

/// <summary>A set of port numbers. It always takes 8 KiB.</summary>
public sealed class PortSet
{
    const int Words = 65536 / 64;

    readonly ulong[] _words = new ulong[Words];

    /// <summary>The number of ports in the set.</summary>
    public int Count
    {
        get
        {
            var count = 0;
            foreach (var word in _words)
                count += BitOperations.PopCount(word);
            return count;
        }
    }

    /// <summary>Returns the ports in ascending order.</summary>
    public ImmutableArray<ushort> ToPorts()
    {
        var ports = ImmutableArray.CreateBuilder<ushort>();
        for (var i = 0; i < Words; i++)
        {
            for (var word = _words[i]; word != 0; word &= word - 1)
                ports.Add((ushort)((i * 64) + BitOperations.TrailingZeroCount(word)));
        }

        return ports.ToImmutable();
    }

    /// <summary>Returns true where a port is in the set.</summary>
    public bool Contains(ushort port) => (_words[port >> 6] & (1UL << port)) != 0;

    /// <summary>Adds a port.</summary>
    public void Add(ushort port) => _words[port >> 6] |= 1UL << port;

    /// <summary>Adds the ports from the first to the last, both included.</summary>
    public void Add(ushort first, ushort last)
    {
        for (int port = first; port <= last; port++)
            Add((ushort)port);
    }

    /// <summary>Adds the ports of another set.</summary>
    public void Add(PortSet other)
    {
        for (var i = 0; i < Words; i++)
            _words[i] |= other._words[i];
    }

    /// <summary>Adds the ports of a bitmap of 8 KiB, in the order of this machine's bytes.</summary>
    internal void Add(ReadOnlySpan<byte> bitmap)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bitmap);
        for (var i = 0; i < Words; i++)
            _words[i] |= words[i];
    }

    /// <summary>Writes the ports as such a bitmap.</summary>
    internal void CopyTo(Span<byte> bitmap) => MemoryMarshal.AsBytes(_words.AsSpan()).CopyTo(bitmap);

    /// <summary>Removes a port.</summary>
    public void Remove(ushort port) => _words[port >> 6] &= ~(1UL << port);

    /// <summary>Removes the ports of another set.</summary>
    public void Remove(PortSet other)
    {
        for (var i = 0; i < Words; i++)
            _words[i] &= ~other._words[i];
    }

    /// <summary>Removes all ports.</summary>
    public void Clear() => Array.Clear(_words);

    /// <summary>Returns the number of ports from the first to the last, both included.</summary>
    public int CountBetween(ushort first, ushort last)
    {
        var count = 0;
        for (var i = first >> 6; i <= last >> 6; i++)
        {
            // A shift uses only the lowest six bits of its count: the position of the port in its word.
            var mask = i == first >> 6 ? ulong.MaxValue << first : ulong.MaxValue;
            if (i == last >> 6)
                mask &= ulong.MaxValue >> ~last;
            count += BitOperations.PopCount(_words[i] & mask);
        }

        return count;
    }

    /// <summary>Returns the number of ports that are in this set or in the other.</summary>
    public int CountUnion(PortSet other)
    {
        var count = 0;
        for (var i = 0; i < Words; i++)
            count += BitOperations.PopCount(_words[i] | other._words[i]);
        return count;
    }

    /// <summary>Returns true when every port of the other set is in this one.</summary>
    public bool ContainsAll(PortSet other)
    {
        for (var i = 0; i < Words; i++)
        {
            if ((other._words[i] & ~_words[i]) != 0)
                return false;
        }

        return true;
    }

    /// <summary>
    /// Returns the ports as the kernel writes them: in order, neighbours as a range, "8080,9000-9010".
    /// </summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        var ports = ToPorts();
        for (var i = 0; i < ports.Length; i++)
        {
            var start = i;
            while (i + 1 < ports.Length && ports[i + 1] == ports[i] + 1)
                i++;
            text.Append(text.Length > 0 ? "," : "").Append(CultureInfo.InvariantCulture, $"{ports[start]}");
            if (i > start)
                text.Append(CultureInfo.InvariantCulture, $"-{ports[i]}");
        }

        return text.ToString();
    }
}
