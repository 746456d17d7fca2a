using System.Collections.Immutable;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>
/// Keeps a mistake in one pool or symptom to itself, as readers are kept apart: what it has to say is missing, with the
/// reason, and everything else is said.
/// </summary>
static class Isolated
{
    /// <summary>The same function, of which an exception is a missing value that names whose it is.</summary>
    public static Func<Snapshot, Reading<ImmutableArray<T>>> Read<T>(Func<string> name, Func<Snapshot, Reading<ImmutableArray<T>>> read) => snapshot =>
    {
        try
        {
            return read(snapshot);
        }
#pragma warning disable CA1031 // One pool's bug must not take everybody's metrics with it.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            return new Missing(Absence.Failed, $"{name()}: {bug}");
        }
    };

    /// <summary>The same function, of which an exception is the general remedy.</summary>
    public static Func<Snapshot, PoolLevel, Remedy>? Advise(Func<string> general, Func<Snapshot, PoolLevel, Remedy>? advise) => advise is null ? null : (snapshot, level) =>
    {
        try
        {
            return advise(snapshot, level);
        }
#pragma warning disable CA1031 // As above.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            return new(general(), Warning: $"What helps here in particular could not be said: {bug.Message}");
        }
    };

    /// <summary>Of what is missing, that which a mistake costs: once for each pool and symptom, by its name.</summary>
    public static IEnumerable<(string Name, Missing Mistake)> MistakesIn(IEnumerable<(string Name, Missing? Missing)> parts) =>
        from part in parts
        where part.Missing is { Reason: Absence.Failed } && part.Missing.Detail.StartsWith(part.Name + ": ", StringComparison.Ordinal)
        group part.Missing by part.Name into mistakes
        select (mistakes.Key, mistakes.First());
}
