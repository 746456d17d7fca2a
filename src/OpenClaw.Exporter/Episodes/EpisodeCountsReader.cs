using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Episodes;

/// <summary>The number of episodes that began since the exporter started.</summary>
/// <param name="All">The number by pool and code. A kind without an episode is absent.</param>
sealed record EpisodeCounts(ImmutableArray<EpisodeCount> All);

/// <summary>
/// Reads the counts up to the snapshot before. Where episodes cannot be written to the state directory, this reader
/// fails, so that the log, the metrics and the page say so.
/// </summary>
/// <param name="episodes">The episodes.</param>
sealed class EpisodeCountsReader(CurrentEpisodes episodes) : Reader<EpisodeCounts>("episodes", "the exporter")
{
    /// <inheritdoc/>
    protected override Missing? Shortfall(EpisodeCounts value) =>
        episodes.WriteFailure is { } failure ? new(Absence.Failed, $"cannot write episodes: {failure}") : null;

    /// <inheritdoc/>
    protected override Reading<EpisodeCounts> Read(SamplingPass sampling) => new EpisodeCounts(episodes.History.Counts);
}
