using OpenClaw.Exporter.Episodes;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>A machine with some descriptors of a thousand, and its episodes.</summary>
sealed class EpisodeMachine
{
    public static readonly DateTimeOffset Start = new(2026, 11, 29, 14, 32, 0, TimeSpan.Zero);

    Timeline _timeline = Timeline.Empty;

    /// <summary>The episodes until now.</summary>
    public EpisodeHistory History { get; set; } = EpisodeHistory.Empty;

    /// <summary>The last diagnosis.</summary>
    public Diagnosis? Last { get; private set; }

    /// <summary>Diagnoses the machine at a second.</summary>
    /// <param name="second">The seconds since the start.</param>
    /// <param name="used">The descriptors in use, of 1,000; null where they cannot be read.</param>
    /// <param name="more">The other readers.</param>
    public EpisodeHistory At(double second, int? used, params IEnumerable<Reader> more)
    {
        Reading<FileNr> files = used is { } count
            ? new FileNr(count, 1000)
            : new Missing(Absence.NotPermitted, "file-nr: no");
        var reader = new FunctionReader<FileNr>("file_nr", "", _ => files);
        var snapshot = new Snapshot(
            Start.AddSeconds(second),
            [.. more.Prepend(reader).Select(static reader => reader.RunHere())]
        );
        Last = Diagnosis.Judge(snapshot, earlier: _timeline);
        _timeline = Last.Timeline;
        return History = History.With(Last);
    }
}
