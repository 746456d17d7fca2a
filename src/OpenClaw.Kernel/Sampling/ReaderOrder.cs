using System.Collections.Immutable;

namespace OpenClaw.Kernel.Sampling;

/// <summary>
/// A list of readers with the order in which they run: after those whose values they take, otherwise cheap ones first.
/// </summary>
sealed class ReaderOrder
{
    readonly Dictionary<Type, int> _placeByType = [];
    readonly ImmutableArray<ImmutableArray<int>> _needs;

    /// <summary>
    /// Orders readers. Throws <see cref="InvalidOperationException"/> on a cycle, or where a type has two readers.
    /// </summary>
    public ReaderOrder(ImmutableArray<Reader> readers)
    {
        Readers = readers;
        for (var i = 0; i < readers.Length; i++)
        {
            if (!_placeByType.TryAdd(readers[i].ValueType, i))
                throw new InvalidOperationException($"{readers[i].Name}: another reader has a value of this type");
        }

        _needs = [.. readers.Select(reader => PlacesOf([.. reader.Needs, .. reader.Uses]))];
        var first = Enumerable.Range(0, readers.Length).Where(place => readers[place].RunsFirst).ToArray();
        Before =
        [
            .. readers.Select((reader, place) => reader.RunsFirst ? _needs[place] : [.. _needs[place].Union(first)]),
        ];
        Execution = Sorted();
    }

    /// <summary>The readers, in the order of the list.</summary>
    public ImmutableArray<Reader> Readers { get; }

    /// <summary>Places in the list, in the order in which they run.</summary>
    public ImmutableArray<int> Execution { get; }

    /// <summary>The readers that must have returned before each place starts.</summary>
    public ImmutableArray<ImmutableArray<int>> Before { get; }

    /// <summary>Returns the place of the reader of a type; null where the list has none.</summary>
    public int? PlaceOf(Type valueType) => _placeByType.TryGetValue(valueType, out var place) ? place : null;

    /// <summary>Returns true for each place that is selected, or needed by a selected one.</summary>
    public bool[] Closure(Func<Reader, bool> wanted)
    {
        var closure = new bool[Readers.Length];
        for (var i = 0; i < Readers.Length; i++)
        {
            if (wanted(Readers[i]))
                Include(i, closure);
        }

        return closure;
    }

    /// <summary>The types that some reader needs and no reader of the list reads.</summary>
    public IEnumerable<Type> Gaps =>
        Readers.SelectMany(static reader => reader.Needs).Where(type => !_placeByType.ContainsKey(type)).Distinct();

    void Include(int place, bool[] closure)
    {
        if (closure[place])
            return;
        closure[place] = true;
        foreach (var needed in _needs[place])
            Include(needed, closure);
    }

    ImmutableArray<int> PlacesOf(ImmutableArray<Type> types) =>
        [.. types.Where(_placeByType.ContainsKey).Select(type => _placeByType[type]).Distinct()];

    ImmutableArray<int> Sorted()
    {
        var sorted = ImmutableArray.CreateBuilder<int>(Readers.Length);
        var left = Enumerable.Range(0, Readers.Length).OrderBy(place => Readers[place].Cost).ToList();
        while (left.Count > 0)
        {
            var next = left.FindIndex(place => Before[place].All(sorted.Contains));
            if (next < 0)
            {
                var names = string.Join(", ", left.Select(place => Readers[place].Name));
                throw new InvalidOperationException($"readers depend on each other in a circle: {names}");
            }

            sorted.Add(left[next]);
            left.RemoveAt(next);
        }

        return sorted.ToImmutable();
    }
}
