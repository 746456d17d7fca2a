using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Bpf;

/// <summary>
/// The maps and the program that belong together. They are made one after the other and end together. Where one is
/// refused, the others end at once and no further one is made.
/// </summary>
sealed class BpfParts : IDisposable
{
    readonly Stack<IDisposable> _made = [];

    /// <summary>The reason why a part could not be made; null while none was refused.</summary>
    public Missing? Refusal { get; private set; }

    /// <summary>Makes a part; null where it or an earlier one was refused.</summary>
    public T? Make<T>(Func<Reading<T>> make)
        where T : class, IDisposable
    {
        if (Refusal is not null)
            return null;
        var reading = make();
        if (reading.TryGet(out var part))
        {
            _made.Push(part);
            return part;
        }

        Refusal = reading.Missing;
        Dispose();
        return null;
    }

    /// <summary>Ends all parts, the last one first.</summary>
    public void Dispose()
    {
        while (_made.TryPop(out var part))
            part.Dispose();
    }
}
