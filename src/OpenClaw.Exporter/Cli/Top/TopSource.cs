using System.CommandLine;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Status;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Cli.Top;

/// <summary>A look at the machine.</summary>
/// <param name="Diagnosis">The diagnosis; missing where the requested network namespace does not exist.</param>
/// <param name="Source">The origin of the diagnosis, in words.</param>
sealed record Look(Reading<DiagnosisDocument> Diagnosis, string Source)
{
    /// <summary>The history of the exporter, with its first diagnosis; null without one.</summary>
    public TimelineDocument? Earlier { get; init; }
}

/// <summary>
/// Takes diagnoses from the exporter that runs at the listen address. Where none can be asked, this process reads the
/// kernel itself.
/// </summary>
/// <param name="flags">The command line.</param>
/// <param name="watch">Starts a series of diagnoses by this process.</param>
sealed class TopSource(ParseResult flags, Func<ParseResult, Func<Task<Diagnosis>>> watch)
{
    /// <summary>The number of own readings between two requests that an exporter refuses.</summary>
    const int OwnReadings = 10;

    /// <summary>True where the user chose network namespaces, which may be others than those of the exporter.</summary>
    readonly bool _isAlone = flags.GetResult(ExporterFlags.Netns) is { Implicit: false };

    readonly RunningExporter _exporter = new(flags.GetRequiredValue(ExporterFlags.ListenAddress)[0]);
    Func<Task<Diagnosis>>? _own;
    string _why = "";
    int _untilNext;
    bool _hasHistory;

    /// <summary>Takes a look.</summary>
    /// <param name="stop">Cancels the request.</param>
    public async Task<Look> NextAsync(CancellationToken stop)
    {
        if (!_isAlone && _untilNext-- <= 0)
        {
            var answer = await _exporter.AskForDiagnosisAsync(stop);
            if (answer.TryGet(out var document))
            {
                var earlier = _hasHistory ? null : await _exporter.AskForTimelineAsync(stop);
                _hasHistory = true;
                return new(document, $"exporter at {_exporter.Place}") { Earlier = earlier };
            }

            _why = answer.Missing!.Reason == Absence.NotPresent ? "" : $" ({answer.Missing!.Detail})";
            _untilNext = _why.Length == 0 ? 0 : OwnReadings;
        }

        _own ??= watch(flags);
        return From(await _own(), $"own reading{_why}");
    }

    /// <summary>Returns the look of a diagnosis by this process.</summary>
    public static Look From(Diagnosis diagnosis, string source) =>
        diagnosis.Namespaces.IsEmpty && diagnosis.Snapshot.FailureOf<NamespaceSnapshots>() is { } why
            ? new(why, source)
            : new(DiagnosisDocument.From(diagnosis), source);
}
