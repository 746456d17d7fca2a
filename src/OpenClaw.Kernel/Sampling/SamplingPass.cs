using System.Collections.Immutable;
using System.Diagnostics;

namespace OpenClaw.Kernel.Sampling;

/// <summary>
/// A pass over the readers: the values read so far, and the deadline. A reader gets the values that it needs from the
/// pass. They are always present, because the readers that it declares run before it.
/// </summary>
public sealed class SamplingPass
{
    readonly ReaderOrder _order;
    readonly bool[]? _included;
    readonly ReaderRun?[] _runs;
    readonly ImmutableArray<object> _known;

    internal SamplingPass(
        ReaderOrder order,
        bool[]? included,
        Deadline deadline,
        ImmutableArray<object> known = default
    )
    {
        (_order, _included, Deadline) = (order, included, deadline);
        _known = known.IsDefault ? [] : known;
        _runs = new ReaderRun?[order.Readers.Length];
    }

    /// <summary>The time at which it was asked for, as a <see cref="Stopwatch"/> has it.</summary>
    public long Began { get; } = Stopwatch.GetTimestamp();

    /// <summary>The deadline for the readers.</summary>
    public Deadline Deadline { get; }

    /// <summary>
    /// Returns the value of the reader of this type, or the value that the caller of the pass knew already.
    /// </summary>
    /// <exception cref="InvalidOperationException">The reader of this type has not run yet: the caller does not declare
    /// that it needs it.</exception>
    public Reading<T> Get<T>()
    {
        foreach (var value in _known)
        {
            if (value is T known)
                return known;
        }

        if (_order.PlaceOf(typeof(T)) is not { } place || !Includes(place))
            return Missing.NotAsked<T>();
        return Volatile.Read(ref _runs[place]) is ReaderRun<T> run
            ? run.Reading
            : throw new InvalidOperationException($"{typeof(T).Name} is asked for, and not declared as needed");
    }

    /// <summary>
    /// Runs readers one after the other on the calling thread, in the network namespace of that thread.
    /// </summary>
    /// <param name="readers">The list of readers.</param>
    /// <param name="deadline">The deadline for the readers.</param>
    /// <param name="wanted">Selects the readers to run, together with the readers that they need; null for all.</param>
    /// <param name="known">Values that are known already.</param>
    internal static SamplingPass Run(
        ImmutableArray<Reader> readers,
        Deadline deadline,
        Func<Reader, bool>? wanted = null,
        params ImmutableArray<object> known
    )
    {
        var order = new ReaderOrder(readers);
        var pass = new SamplingPass(order, wanted is null ? null : order.Closure(wanted), deadline, known);
        pass.RunHere();
        return pass;
    }

    /// <summary>
    /// Reads the value of one reader of a list, with the values that it needs, on the calling thread.
    /// </summary>
    internal static Reading<T> Read<T>(ImmutableArray<Reader> readers, Deadline deadline) =>
        Run(readers, deadline, static reader => reader.ValueType == typeof(T)).Get<T>();

    /// <summary>Runs all selected readers on the calling thread.</summary>
    internal void RunHere()
    {
        foreach (var place in _order.Execution)
        {
            if (Includes(place))
                _runs[place] = _order.Readers[place].Run(this);
        }
    }

    /// <summary>
    /// Returns the runs so far, in the order of the list. For readers that have not returned, <paramref name="late"/>
    /// makes the run.
    /// </summary>
    internal ImmutableArray<ReaderRun> Runs(Func<Reader, ReaderRun>? late = null)
    {
        var runs = ImmutableArray.CreateBuilder<ReaderRun>(_runs.Length);
        for (var i = 0; i < _runs.Length; i++)
        {
            if (Includes(i) && (Volatile.Read(ref _runs[i]) ?? late?.Invoke(_order.Readers[i])) is { } run)
                runs.Add(run);
        }

        return runs.ToImmutable();
    }

    internal bool Includes(int place) => _included is null || _included[place];

    internal bool Has(int place) => _runs[place] is not null;

    internal void Publish(int place, ReaderRun run) => Volatile.Write(ref _runs[place], run);
}
