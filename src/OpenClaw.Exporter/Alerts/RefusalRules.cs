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
                    "No counter of the kernel moves when socket(), bind() or connect() fails for want of something: "
                    + "the exporter tries them, every 15 seconds at least. What fails for want of descriptors of its "
                    + "own, or of the machine's, has another name.",
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
                    "programs are refused {{ $labels.operation | reReplaceAll \"_\" \" \" }}"
                    + RuleText.InNamespace
                    + " on {{ $labels.instance }}",
                Description =
                    "The exporter did what any program does, "
                    + "{{ $labels.operation | reReplaceAll \"_\" \" \" }} on 127.0.0.1, and was refused. "
                    + "openclaw_network_probe_errors_total has the error by its name.",
                Remedy =
                    "openclaw-exporter diagnose names the pool that is full, who holds it and the command that "
                    + "makes room.",
            },
            new()
            {
                Name = "OpenClawErrorsReported",
                Why =
                    "A full pool that explains the code silences it in the Alertmanager. The log does not say which "
                    + "pool it was, nor in which network namespace.",
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
                Description = "The OpenClaw log has had new errors of the code {{ $labels.code }} for minutes.",
                Remedy =
                    "openclaw-exporter diagnose says which pool is full, and has the context that OpenClaw logged "
                    + "last.",
            },
        ];

    static ImmutableArray<Alert> Refused => [.. Enum.GetValues<ProbeOperation>().Select(Alert.OfProbe)];
}
