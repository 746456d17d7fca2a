using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.KernelLog;

namespace OpenClaw.Exporter.Problems;

/// <summary>A message about an exhausted resource.</summary>
/// <param name="Time">The time of the last message.</param>
/// <param name="Source">The source: kernel or openclaw.</param>
/// <param name="Kind">The kind of kernel message, or OpenClaw's error code.</param>
/// <param name="Netns">The network namespace in the kernel's message; empty when it names none.</param>
/// <param name="Text">The context and details of OpenClaw's message; the listener in the kernel's.</param>
sealed record RecentEvent(DateTimeOffset Time, string Source, string Kind, string Netns, string Text);

/// <summary>The recent messages of the kernel and of OpenClaw.</summary>
static class RecentEvents
{
    /// <summary>The limit on the length of OpenClaw's messages, except for the last one.</summary>
    const int LongestEarlierText = 200;

    /// <summary>Returns the events of a diagnosis, the newest first.</summary>
    public static ImmutableArray<RecentEvent> Collect(Diagnosis diagnosis)
    {
        var kernel = diagnosis.Snapshot.Get<KernelLogEvents>().TryGet(out var log)
            ? KernelLogSymptom
                .Shown(log, diagnosis.Evaluation.Machine)
                .Select(seen => new RecentEvent(
                    seen.LastSeen,
                    "kernel",
                    SnakeCase.Convert(seen.Kind),
                    KernelLogSymptom.NameOf(seen, log, diagnosis.Evaluation.Machine),
                    seen.Listener.Length > 0 ? $"on {seen.Listener}" : ""
                ))
            : [];
        IEnumerable<RecentEvent> openClaw = diagnosis.Snapshot.Get<ClwErrors>().TryGet(out var errors)
            ? errors.Recent.Select(
                static (seen, i) =>
                    new RecentEvent(
                        seen.Time,
                        "openclaw",
                        seen.Code,
                        "",
                        Shortened(
                            string.Join(
                                "; ",
                                new[] { seen.Context, seen.Details }.Where(static text => text.Length > 0)
                            ),
                            i == 0 ? int.MaxValue : LongestEarlierText
                        )
                    )
            )
            : [];
        return [.. kernel.Concat(openClaw).OrderByDescending(static seen => seen.Time)];
    }

    static string Shortened(string text, int longest) => text.Length > longest ? text[..longest] + "…" : text;
}
