using OpenClaw.Exporter.Catalogue;

namespace OpenClaw.Exporter.Alerts;

/// <summary>The rules about the exporter itself. Without the exporter, no other rule sees anything.</summary>
static class ExporterRules
{
    /// <summary>The label matcher of the alert's own series.</summary>
    const string Own = "alertname=\"OpenClawExporterFailing\"";

    /// <summary>The label matchers of the alert about a whole job.</summary>
    const string OfJob = Own + ", instance=\"\", reader=\"\"";

    /// <summary>The rule about an exporter that cannot read the kernel, or is gone.</summary>
    public static AlertingRule Failing =>
        new()
        {
            Name = "OpenClawExporterFailing",
            Why =
                "An alert needs data, so missing data is an alert. Four cases, in this order. "
                + "First, a reader fails although the kernel has the feature and the exporter has "
                + "the capability. A missing capability does not count: it is a choice, and the "
                + "status page shows it. Second, a reader lacks a capability that it had a day ago; "
                + "this is reported for a day. Third, a target that was an exporter is down. The "
                + "alert stays until it returns, because the alert's own series replaces the lost "
                + "build_info. Fourth, all targets of a job that had an exporter are gone; after a "
                + "week this counts as intended. A single lost target of several is no failure, "
                + "because pods come and go. A Prometheus that never saw an exporter stays silent. "
                + "Where one must exist, add "
                + "absent(openclaw_network_exporter_build_info{job=\"...\"}). There is no code, "
                + "because OpenClaw keeps working.",
            Severity = "warning",
            Expression = $$"""
                max without (reason) (
                    openclaw_network_reader_absence{reason!~"not_present|not_permitted"} == 1
                  or
                    {{NewlyRefused.Name}}
                )
                or
                (
                    up == 0
                  and on (job, instance)
                    (last_over_time(openclaw_network_exporter_build_info[10m]) or ALERTS{{{Own}}})
                )
                or
                (
                    (
                        last_over_time({{Present.Name}}[1h])
                      or
                        group by (job) (time() - ALERTS_FOR_STATE{{{OfJob}}} < 604800)
                    )
                  unless on (job)
                    {{Present.Name}}
                  unless on (job)
                    up
                )
                """,
            For = "5m",
            KeepFiringFor = "1m",
            Headline = "a reader fails, an exporter does not answer, or a job has no exporter left",
            Summary = """
                {{ if $labels.reader }}OpenClaw exporter on {{ $labels.instance }} fails to read {{ $labels.reader }}
                {{- else if $labels.instance }}OpenClaw exporter on {{ $labels.instance }} does not answer
                {{- else }}no OpenClaw exporter of job {{ $labels.job }} is scraped any more{{ end }}
                """,
            Description =
                "Some or all of its network resources are not watched. Alerts about them stay "
                + "silent even when a resource is exhausted.",
            Remedy =
                "{{ if $labels.reader }}The exporter's log names the file or request and the "
                + "error. The label reason of openclaw_network_reader_absence has the kind of "
                + "error.\n{{- else if $labels.instance }}Check that it runs, and read its last log "
                + "lines (journalctl, kubectl logs, docker logs). Check that Prometheus reaches its "
                + "port.\n{{- else }}Check that it is still deployed and that the service discovery "
                + "of this job finds it.{{ end }}",
        };

    /// <summary>The jobs that have an exporter.</summary>
    public static RecordingRule Present =>
        new(
            "job:openclaw_network_exporter_build_info:present",
            "Jobs that have an exporter. They are remembered after the last one is gone.",
            "group by (job) (openclaw_network_exporter_build_info)"
        );

    /// <summary>The readers that lack a capability now, and had it a day ago.</summary>
    public static RecordingRule NewlyRefused =>
        new(
            "instance_reader:openclaw_network_reader_absence:new",
            "Readers that lack a capability now and had it a day ago. A separate rule, "
                + "because looking back a day makes a whole expression slow.",
            $$"""
            openclaw_network_reader_absence{reason="not_permitted",reader=~"{{WithCapability}}"} == 1
            and on (job, instance)
              openclaw_network_exporter_build_info offset 1d
            unless ignoring (reason)
              openclaw_network_reader_absence{reader=~"{{WithCapability}}"} offset 1d
            """
        );

    /// <summary>The readers that use a capability, as alternatives of a regular expression.</summary>
    static string WithCapability => string.Join('|', Privileges.All.Select(static privilege => privilege.Reader));
}
