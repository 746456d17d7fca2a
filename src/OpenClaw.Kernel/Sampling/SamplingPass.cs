using System.Collections.Immutable;

namespace OpenClaw.Kernel.Sampling;

/// <summary>
/// One pass over the readers: the values that they have read so far, and the time by which they should be done. A
/// reader asks it for the values that it needs; those are there, since what it declares runs before it.
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

    /// <summary>When the readers should be done.</summary>
    public Deadline Deadline { get; }

    /// <summary>The value of the reader of this type, or one that whoever began the pass knew already.</summary>
    /// <exception cref="InvalidOperationException">Its reader has not run yet: whoever asks does not declare that it
    /// needs it.</exception>
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
    /// Runs readers here and now, one after the other on the calling thread; what they see is that thread's.
    /// </summary>
    /// <param name="readers">The readers that there are.</param>
    /// <param name="deadline">When they should be done.</param>
    /// <param name="wanted">Those to run, with what they need; all when null.</param>
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

    /// <summary>The value of one reader of a list, read on the calling thread with what it needs.</summary>
    internal static Reading<T> Read<T>(ImmutableArray<Reader> readers, Deadline deadline) =>
        Run(readers, deadline, static reader => reader.ValueType == typeof(T)).Get<T>();

    /// <summary>Runs all that is included on the calling thread.</summary>
    internal void RunHere()
    {
        foreach (var place in _order.Execution)
        {
            if (Includes(place))
                _runs[place] = _order.Readers[place].Run(this);
        }
    }

    /// <summary>
    /// The runs so far, in the order of the list; those that have not come back are given as <paramref name="late"/>
    /// makes them.
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
