using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.KernelLog;

namespace OpenClaw.Exporter.Problems;

/// <summary>Something that was said of an exhausted resource.</summary>
/// <param name="Time">When it was last said.</param>
/// <param name="Source">kernel or openclaw.</param>
/// <param name="Kind">The kind of kernel message, or OpenClaw's error code.</param>
/// <param name="Netns">The network namespace that the kernel named; empty when it named none.</param>
/// <param name="Text">The context and details that OpenClaw gave.</param>
sealed record RecentEvent(DateTimeOffset Time, string Source, string Kind, string Netns, string Text);

/// <summary>What the kernel and OpenClaw themselves said lately.</summary>
static class RecentEvents
{
    /// <summary>What is shown of the texts of all but the last error of OpenClaw.</summary>
    const int LongestEarlierText = 200;

    /// <summary>The events of a diagnosis, the newest first.</summary>
    public static ImmutableArray<RecentEvent> Collect(Diagnosis diagnosis)
    {
        var kernel = diagnosis.Snapshot.Get<KernelLogEvents>().TryGet(out var log)
            ? log.Events.Select(seen => new RecentEvent(
                seen.LastSeen,
                "kernel",
                SnakeCase.Convert(seen.Kind),
                KernelLogSymptom.NameOf(seen.NetworkNamespace, log, diagnosis.Evaluation.Machine),
                ""
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
