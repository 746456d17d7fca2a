using System.Text;

namespace OpenClaw.Kernel.Counters;

/// <summary>The names of counters, and where the value of each stands.</summary>
sealed class CounterNames
{
    readonly byte[] _text = [];
    readonly Dictionary<string, int> _places;

    /// <summary>Of a line of names with a space between them.</summary>
    public CounterNames(ReadOnlySpan<byte> text)
        : this(Encoding.ASCII.GetString(text).Split(' ')) => _text = text.ToArray();

    public CounterNames(IReadOnlyList<string> names)
    {
        Count = names.Count;
        _places = new(Count);
        for (var i = 0; i < Count; i++)
            _places[names[i]] = i;
    }

    /// <summary>No name at all.</summary>
    public static CounterNames None { get; } = new(Array.Empty<string>());

    /// <summary>How many.</summary>
    public int Count { get; }

    /// <summary>Whether this is the line they came from.</summary>
    public bool Are(ReadOnlySpan<byte> text) => text.SequenceEqual(_text);

    /// <summary>The place of a name; null where it is none of them.</summary>
    public int? PlaceOf(string name) => _places.TryGetValue(name, out var place) ? place : null;
}
