using System.Text;

namespace OpenClaw.Kernel.Counters;

/// <summary>The names of counters, each with the position of its value.</summary>
sealed class CounterNames
{
    readonly byte[] _text = [];
    readonly Dictionary<string, int> _places;

    /// <summary>Parses a line of names separated by a space.</summary>
    public CounterNames(ReadOnlySpan<byte> text)
        : this(Encoding.ASCII.GetString(text).Split(' ')) => _text = text.ToArray();

    public CounterNames(IReadOnlyList<string> names)
    {
        Count = names.Count;
        _places = new(Count);
        for (var i = 0; i < Count; i++)
            _places[names[i]] = i;
    }

    /// <summary>An empty list of names.</summary>
    public static CounterNames None { get; } = new(Array.Empty<string>());

    /// <summary>The number of names.</summary>
    public int Count { get; }

    /// <summary>Returns true for the same line of names that this list was parsed from.</summary>
    public bool Are(ReadOnlySpan<byte> text) => text.SequenceEqual(_text);

    /// <summary>Returns the position of a name; null where the list does not have it.</summary>
    public int? PlaceOf(string name) => _places.TryGetValue(name, out var place) ? place : null;
}
