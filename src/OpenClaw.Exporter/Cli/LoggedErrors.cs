using System.Collections.Immutable;
using System.CommandLine;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Episodes;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel.Files;

namespace OpenClaw.Exporter.Cli;

/// <summary>
/// Answers the last errors in the OpenClaw log: the problem that failed at that time with that code. A problem without
/// the code, or at another time, is no answer.
/// </summary>
static class LoggedErrors
{
    const int LogBytes = 256 * 1024;

    /// <summary>Returns the answer to the last error of each code, the newest first.</summary>
    /// <param name="flags">The command line.</param>
    /// <param name="diagnosis">The present diagnosis.</param>
    /// <param name="stop">Cancels the request for episodes.</param>
    public static async Task<ImmutableArray<ErrorAnswer>> AnswerAsync(
        ParseResult flags,
        Diagnosis diagnosis,
        CancellationToken stop
    )
    {
        var errors = ErrorAnswer.Recent(ErrorsOf(flags, diagnosis), diagnosis).ToList();
        if (errors.Count == 0)
            return [];
        var read = await EpisodeSource.ReadAsync(flags, stop);
        var document = read.TryGet(out var recorded) ? recorded : null;
        return ErrorAnswer.Collect(errors, document?.Episodes ?? [], document?.WatchedSince, diagnosis);
    }

    /// <summary>
    /// Returns the errors that the running exporter read in the log. Without them, returns those at the end of the log.
    /// </summary>
    static IEnumerable<ClwEvent> ErrorsOf(ParseResult flags, Diagnosis diagnosis)
    {
        if (diagnosis.Snapshot.Get<ClwErrors>().TryGet(out var known))
            return known.Recent;
        var paths = flags.GetRequiredValue(ExporterFlags.OpenClawLog) switch
        {
            ExporterFlags.Off or "" => [],
            ExporterFlags.Auto => diagnosis.Snapshot.Get<FoundGateways>().TryGet(out var found)
                ?
                [
                    .. found
                        .Running.Select(static gateway => gateway.Log)
                        .Where(static log => log.Length > 0)
                        .Distinct(),
                ]
                : [],
            var path => (ImmutableArray<string>)[path],
        };
        return ErrorsIn(paths.SelectMany(static path => LogEnd.Read(path, LogBytes)), DateTimeOffset.UtcNow);
    }

    /// <summary>Returns the last errors of texts. Errors without a time are left out: they may be of any age.</summary>
    internal static IEnumerable<ClwEvent> ErrorsIn(IEnumerable<byte[]> texts, DateTimeOffset now)
    {
        var tally = new ClwTally(new StoppedClock(now));
        foreach (var text in texts)
            new ClwLog(tally).Append(text);
        return tally.Errors.Recent.Where(error => error.Time != now);
    }

    /// <summary>A clock that shows one time, which no line of a log has.</summary>
    sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
