using System.Net;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Status;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel;

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
    static void Complain(string reason)
    {
        var line = VisibleText.Escape(OneLine.From(reason));
        Complaint.Print($"no history: {(line.Length > LongestReason ? line[..LongestReason] + "…" : line)}");
    }
}
