using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel.Probe;

namespace OpenClaw.Exporter.Alerts;

/// <summary>The rules about calls that the kernel refuses, and about errors that OpenClaw itself reports.</summary>
static class RefusalRules
{
    /// <summary>The rules.</summary>
    public static ImmutableArray<AlertingRule> All =>
        [
            new()
            {
                Name = "OpenClawProbeFailing",
                Why =
                    "No kernel counter moves when socket(), bind() or connect() fails for lack of a "
                    + "resource. So the exporter tries these calls, at least every 15 seconds. Failures "
                    + "for lack of descriptors, of the exporter or of the machine, have alerts of their "
                    + "own.",
                Severity = "critical",
                Expression = $$"""
                    max without (alarm) (
                      label_replace(
                        {{FailureRules.Failing("alarm=~\".+_refused\"")}},
                        "operation", "$1", "alarm", "(.+)_refused"
                      )
                    )
                    """,
                For = "90s",
                KeepFiringFor = "1m",
                Headline = Refused[0].Headline,
                Causes =
                [
                    .. Refused.SelectMany(static alert => alert.Causes).Select(static pool => pool.Name).Distinct(),
                ],
                Summary =
                    "the kernel refuses {{ $labels.operation | reReplaceAll \"_\" \" \" }}"
                    + RuleText.InNamespace
                    + " on {{ $labels.instance }}",
                Description =
                    "The exporter tried {{ $labels.operation | reReplaceAll \"_\" \" \" }} on "
                    + "127.0.0.1, as any program may, and the kernel refused it. "
                    + "openclaw_network_probe_errors_total has the error name.",
                Remedy =
                    "Run openclaw-exporter diagnose: it names the full pool, its owner and the "
                    + "command that makes room.",
            },
            new()
            {
                Name = "OpenClawErrorsReported",
                Why =
                    "A full pool that explains the code silences this alert in the Alertmanager. The "
                    + "log names neither the pool nor the network namespace.",
                Severity = "warning",
                Expression = $"""
                    max without (alarm, pool) (
                      {FailureRules.Failing("alarm=\"errors_reported\"")}
                    )
                    """,
                For = "3m",
                KeepFiringFor = "1m",
                Headline = "OpenClaw reports errors that no full pool explains",
                Summary = "OpenClaw reports {{ $labels.code }} on {{ $labels.instance }}",
                Description = "The OpenClaw log has had new errors with the code {{ $labels.code }} for minutes.",
                Remedy =
                    "Run openclaw-exporter diagnose: it names the full pool and prints the last error "
                    + "that OpenClaw logged.",
            },
        ];

    static ImmutableArray<Alert> Refused => [.. Enum.GetValues<ProbeOperation>().Select(Alert.OfProbe)];
}
