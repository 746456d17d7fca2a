using System.CommandLine;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter;

/// <summary>Diagnoses by this process, without the history of a running exporter.</summary>
static class OwnDiagnoses
{
    /// <summary>Begins a series with the readers that the flags select.</summary>
    /// <param name="flags">The command line.</param>
    public static DiagnosisSeries Begin(ParseResult flags)
    {
        var readers = ExporterServer
            .Readers(flags)
            .RemoveAll(static reader => reader is ClwLogReader or FoundLogReader);
        return new(
            new(readers, BootClock.Instance),
            new ReaderLifetime(readers),
            flags.GetRequiredValue(ExporterFlags.NetnsWorst),
            CurrentExposition.TimeoutAtMost
        )
        {
            Thresholds = PoolThresholds.Parse(flags.GetValue(ExporterFlags.Pools)),
        };
    }
}
