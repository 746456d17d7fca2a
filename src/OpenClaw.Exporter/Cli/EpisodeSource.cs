using System.CommandLine;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Episodes;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Cli;

/// <summary>
/// The source of the episodes that a command shows: the exporter that runs at the listen address, else the state
/// directory where there is one.
/// </summary>
static class EpisodeSource
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Returns the episodes; missing, with the reason, where there are none to be had.</summary>
    public static async Task<Reading<EpisodesDocument>> ReadAsync(ParseResult flags, CancellationToken stop)
    {
        var listening = flags.GetRequiredValue(ExporterFlags.ListenAddress)[0];
        var answer = await new LocalRequest(listening, ServedPaths.Episodes, Patience) { IsSilent = true }.SendAsync(
            stop
        );
        var directory = flags.GetRequiredValue(ExporterFlags.StateDirectory);
        if (!answer.IsSuccess && directory.Length > 0)
        {
            var kept = EpisodeFile.Read(directory);
            return kept.Missing is { Reason: Absence.NotPresent } unkept
                ? unkept with
                {
                    Detail = $"{unkept.Detail}: no exporter has run with this {ExporterFlags.StateDirectory.Name}",
                }
                : kept.Select(static all => EpisodesDocument.From(all, DateTimeOffset.UtcNow, BuildInfo.Version));
        }

        if (answer.IsNobodyThere)
        {
            return new Missing(
                Absence.NotPresent,
                $"no exporter runs at {RunningExporter.PlaceOf(listening)}; name a running one with "
                    + $"{ExporterFlags.ListenAddress.Name}, or its files with {ExporterFlags.StateDirectory.Name}"
            );
        }

        if (!answer.IsSuccess)
            return new Missing(Absence.NotPresent, $"no episodes: {VisibleText.Escape(OneLine.From(answer.Text))}");
        var parsed = EpisodesDocument.Parse(answer.Body);
        return parsed.Missing is { } none ? none with { Detail = $"{answer.Address}: {none.Detail}" } : parsed;
    }
}
