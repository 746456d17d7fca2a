using System.Globalization;
using System.Net;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Status;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Cli;

/// <summary>
/// The exporter that runs at a listen address, with its history. It is asked through its Unix socket. A diagnosis goes
/// on without it. A line on standard error then gives the reason, unless nobody listens there.
/// </summary>
/// <param name="listening">The address of the exporter, from its flag or environment variable.</param>
sealed class RunningExporter(IPEndPoint listening)
{
    const int LongestReason = 200;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    Uri? _address;

    /// <summary>Asks for the timeline. Returns null when there is none to be had.</summary>
    /// <param name="stop">Cancels the request.</param>
    public async Task<TimelineDocument?> AskForTimelineAsync(CancellationToken stop)
    {
        // No packet: a diagnosis must not add to the drops and retransmissions that it counts.
        var answer = await new LocalRequest(listening, ServedPaths.Timeline, Patience) { IsSilent = true }.SendAsync(
            stop
        );
        if (answer.IsNobodyThere)
            return null;
        _address = answer.Address;
        if (!answer.IsSuccess)
        {
            Complain(answer.Text);
            return null;
        }

        if (TimelineDocument.Parse(answer.Body) is var parsed && parsed.TryGet(out var document))
            return document;
        Complain($"{_address}: {parsed.Missing!.Detail}");
        return null;
    }

    /// <summary>The place of the exporter, for people.</summary>
    public string Place { get; } = PlaceOf(listening);

    /// <summary>Returns the place of the exporter at a listen address, for people.</summary>
    public static string PlaceOf(IPEndPoint listening) => $":{listening.Port.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>
    /// Asks for the diagnosis. Only a process that may be trusted is asked, because a diagnosis has commands to run.
    /// Missing with <see cref="Absence.NotPresent"/> where nobody listens.
    /// </summary>
    /// <param name="stop">Cancels the request.</param>
    public async Task<Reading<DiagnosisDocument>> AskForDiagnosisAsync(CancellationToken stop)
    {
        var answer = await new LocalRequest(listening, ServedPaths.Diagnosis, Patience) { IsSilent = true }.SendAsync(
            stop
        );
        return answer switch
        {
            { IsNobodyThere: true } => new Missing(Absence.NotPresent, "no exporter runs"),
            { IsSuccess: false } => new Missing(
                Absence.Failed,
                Short(answer.Failure ?? $"status {(int?)answer.Status}")
            ),
            { Peer.IsTrusted: true } => DiagnosisDocument.Parse(answer.Body),
            _ => new Missing(
                Absence.NotPermitted,
                string.Create(CultureInfo.InvariantCulture, $"user {answer.Peer?.User} listens at {Place}")
            ),
        };
    }

    /// <summary>Returns the timeline to judge a snapshot with; the empty one where the document is about another
    /// place.</summary>
    public Timeline Restore(TimelineDocument? document, Snapshot snapshot)
    {
        if (document is null)
            return Timeline.Empty;
        var restored = RestoredTimeline.From(document, snapshot);
        if (restored.TryGet(out var timeline))
            return timeline;
        Complain($"{_address}: {restored.Missing!.Detail}");
        return Timeline.Empty;
    }

    /// <summary>Prints the reason, which another program may have written, in one short line.</summary>
    static void Complain(string reason) => Complaint.Print($"no history: {Short(reason)}");

    static string Short(string reason)
    {
        var line = VisibleText.Escape(OneLine.From(reason));
        return line.Length > LongestReason ? line[..LongestReason] + "…" : line;
    }
}
