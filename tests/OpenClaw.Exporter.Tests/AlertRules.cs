using OpenClaw.Exporter.Pools;

namespace OpenClaw.Exporter.Tests;

/// <summary>
/// The Prometheus rules file, rendered: nothing at run time needs it, so it lives beside the test that keeps the committed
/// file the same. What it says of a pool comes from the catalogue; thresholds it takes from the exporter's own metrics.
/// </summary>
static class AlertRules
{
    /// <summary>Where the rendered file is committed.</summary>
    public const string Path = "alerts/openclaw-network.rules.yml";

    const string Subject = """{{ if eq $labels.subject "*" }} for every destination{{ else if $labels.subject }} for {{ $labels.subject }}{{ end }}""";

    const string Where = """{{ if eq $labels.netns "self" }}in the exporter's own network namespace{{ else if $labels.netns }}in network namespace {{ $labels.netns }}{{ else }}on the whole machine{{ end }}""";

    const string Summary = $$$"""
        {{ $labels.pool | reReplaceAll "_" " " }} {{ $value | humanizePercentage }} used{{{Subject}}} on {{ $labels.instance }}
        """;

    /// <summary>The whole file.</summary>
    public static string Render() => $$$"""
        # Written by AlertRulesTests from the list of pools: change AlertRules.cs or PoolCatalogue.cs, then run the tests with
        # OPENCLAW_UPDATE_GENERATED=1. Needs Prometheus 2.42 or newer (keep_firing_for), scraping every 30s or more often.
        #
        # The alerts of pools carry the labels severity, code, pool and netns (none for a resource of the whole machine), and
        # subject where somebody in particular holds it: a destination, a process.
        groups:
          - name: openclaw-network
            rules:
              # The joins ignore labels instead of naming job and instance, so that exporters of several clusters which share
              # both in one Prometheus do not make every rule fail with "many-to-many matching". What is below the lowest
              # threshold of all is left out before it is joined: most of a large fleet.
              - alert: OpenClawPoolCritical
                expr: |-
                  (
                      (openclaw_network_pool_utilization_ratio >= scalar(min(openclaw_network_pool_threshold_ratio{severity="critical"})))
                    >= ignoring (netns, subject, severity) group_left ()
                      openclaw_network_pool_threshold_ratio{severity="critical"}
                  )
                  * ignoring (netns, subject, code) group_left (code)
                    openclaw_network_pool_info
                # Short, because calls fail already or are about to; long enough that one scrape alone pages nobody.
                for: 30s
                keep_firing_for: 1m
                labels:
                  severity: critical
                annotations:
                  summary: |-
                    {{{Summary}}}
                  description: >-
                    The pool {{ $labels.pool }} {{{Where}}} is at or above its critical threshold.
                    Whoever needs more of it fails now or soon; OpenClaw reports that as {{ $labels.code }}.
                  remedy: |-
        {{{Indent(Remedies(), 12)}}}

              - alert: OpenClawPoolWarning
                expr: |-
                  (
                      (openclaw_network_pool_utilization_ratio >= scalar(min(openclaw_network_pool_threshold_ratio{severity="warning"})))
                    >= ignoring (netns, subject, severity) group_left ()
                      openclaw_network_pool_threshold_ratio{severity="warning"}
                    < ignoring (netns, subject, severity) group_left ()
                      openclaw_network_pool_threshold_ratio{severity="critical"}
                  )
                  * ignoring (netns, subject, code) group_left (code)
                    openclaw_network_pool_info
                for: 5m
                # As long as the critical alert waits: it takes over at the evaluation in which this one ends, so that the two
                # neither fire together nor leave a gap.
                keep_firing_for: 30s
                labels:
                  severity: warning
                annotations:
                  summary: |-
                    {{{Summary}}}
                  description: >-
                    The pool {{ $labels.pool }} {{{Where}}} has been at or above its warning threshold for minutes.
                    Nothing fails yet; when it runs out, OpenClaw reports {{ $labels.code }}.
                  remedy: |-
        {{{Indent(Remedies(), 12)}}}

              # Whatever is not read cannot page. Three ways to go blind, in this order: a reader fails, though not because this
              # kernel lacks what it reads, nor because it was not given the capability (the status page and the README say what that
              # costs, and it is the same tomorrow); a target that was an exporter is down, and stays reported however long that lasts
              # (the alert's own series replaces the build_info that has gone out of sight); all targets of a job that had an
              # exporter are gone. One target of several that goes is no failure, pods come and go. A Prometheus that never saw
              # an exporter stays silent: where there must be one, add absent(openclaw_network_exporter_build_info{job="..."}).
              - alert: OpenClawExporterFailing
                expr: |-
                  (
                      openclaw_network_reader_success == 0
                    unless ignoring (reason)
                      openclaw_network_reader_absence{reason=~"not_present|not_permitted"} == 1
                  )
                  or
                  (
                      up == 0
                    and on (job, instance)
                      (
                          last_over_time(openclaw_network_exporter_build_info[1h])
                        or
                          ALERTS{alertname="OpenClawExporterFailing"}
                      )
                  )
                  or
                  (
                      group by (job) (last_over_time(openclaw_network_exporter_build_info[1h]))
                    unless on (job)
                      openclaw_network_exporter_build_info
                    unless on (job)
                      up
                  )
                for: 5m
                keep_firing_for: 1m
                labels:
                  severity: warning
                annotations:
                  summary: >-
                    {{ if $labels.reader }}OpenClaw exporter on {{ $labels.instance }} fails to read {{ $labels.reader }}
                    {{- else if $labels.instance }}OpenClaw exporter on {{ $labels.instance }} does not answer
                    {{- else }}no OpenClaw exporter of job {{ $labels.job }} is scraped any more{{ end }}
                  description: >-
                    Its network resources are not watched for as long as this lasts, or not all of them:
                    the alerts about them stay silent even when one runs out.
                  remedy: >-
                    {{ if $labels.reader }}Its log names the file or request and what went wrong, the label reason of
                    openclaw_network_reader_absence says it in a word.
                    {{- else if $labels.instance }}See whether it runs and what it logged last (journalctl, kubectl logs, docker
                    logs), and whether Prometheus reaches its port.
                    {{- else }}See whether it is still deployed and whether the service discovery of this job finds it.{{ end }}

        """;

    /// <summary>A template that chooses the remedy by pool. The markers' dashes take the line breaks out again.</summary>
    static string Remedies()
    {
        var branches = PoolCatalogue.All.Select(static (pool, i) => $$$"""
            {{- {{{(i == 0 ? "if" : "else if")}}} eq $labels.pool "{{{pool.Name}}}" -}}
            {{{Literal(pool.Remedy)}}}

            """);
        return string.Concat(branches) + """
            {{- else -}}
            The exporter is newer than these rules, which do not know this pool: update them.
            {{- end -}}
            """;
    }

    /// <summary>Text as a Go template prints it unchanged: a brace could begin an action, alone or with the brace after it.</summary>
    static string Literal(string text) => text.Replace("{", """{{ "{" }}""", StringComparison.Ordinal);

    static string Indent(string text, int columns) =>
        string.Join('\n', text.Split('\n').Select(line => line.Length == 0 ? line : new string(' ', columns) + line));
}
