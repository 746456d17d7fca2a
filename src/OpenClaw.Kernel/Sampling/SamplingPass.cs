namespace OpenClaw.Kernel.Sampling;

/// <summary>
/// One snapshot in the making. Readers run beside each other, each at most once; one that needs another's value gets it
/// here, so that nothing is read twice.
/// </summary>
public sealed class SamplingPass
{
    readonly Dictionary<Type, Lazy<ReaderRun>> _runs = [];

    internal SamplingPass(IEnumerable<Reader> readers, Deadline deadline)
    {
        Deadline = deadline;
        foreach (var reader in readers)
            _runs.Add(reader.ValueType, new(() => reader.Run(this)));
    }

    /// <summary>When the readers should be done.</summary>
    public Deadline Deadline { get; }

    /// <summary>What the reader of this type read; waits for it if need be.</summary>
    public Reading<T> Get<T>() =>
        _runs.TryGetValue(typeof(T), out var run)
            ? ((ReaderRun<T>)run.Value).Reading
            : new Missing(Absence.NotPresent, $"no reader of {typeof(T).Name} is enabled");

    internal ReaderRun Run(Reader reader) => _runs[reader.ValueType].Value;
}
