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
                "Whatever is not read cannot page. Four ways to go blind, in this order: a reader fails, though not "
                + "because this kernel lacks what it reads, nor because it was not given the capability (the status "
                + "page and the README say what that costs, and it is the same tomorrow); a reader lacks one that it "
                + "did not lack a day ago, which is reported for a day; a target that was an exporter is down, and "
                + "stays reported however long that lasts (the alert's own series replaces the build_info that "
                + "has gone "
                + "out of sight); all targets of a job that had an exporter are gone, for a week, after which it is "
                + "taken as meant. One target of several that goes is no failure, pods come and go. A Prometheus that "
                + "never saw an exporter stays silent: where there must be one, add "
                + "absent(openclaw_network_exporter_build_info{job=\"...\"}). There is no code: OpenClaw works on.",
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
            Headline = "a reader fails, an exporter does not answer, or all of a job are gone",
            Summary = """
                {{ if $labels.reader }}OpenClaw exporter on {{ $labels.instance }} fails to read {{ $labels.reader }}
                {{- else if $labels.instance }}OpenClaw exporter on {{ $labels.instance }} does not answer
                {{- else }}no OpenClaw exporter of job {{ $labels.job }} is scraped any more{{ end }}
                """,
            Description =
                "Its network resources are not watched for as long as this lasts, or not all of them: the "
                + "alerts about them stay silent even when one runs out.",
            Remedy =
                "{{ if $labels.reader }}Its log names the file or request and what went wrong, "
                + "the label reason of openclaw_network_reader_absence says it in a word.\n"
                + "{{- else if $labels.instance }}See whether it runs and what it logged last "
                + "(journalctl, kubectl logs, docker logs), and whether Prometheus reaches its port.\n"
                + "{{- else }}See whether it is still deployed and whether the service discovery of this job finds it."
                + "{{ end }}",
        };

    /// <summary>The jobs that have an exporter.</summary>
    public static RecordingRule Present =>
        new(
            "job:openclaw_network_exporter_build_info:present",
            "Which jobs have an exporter, for when they have none any more.",
            "group by (job) (openclaw_network_exporter_build_info)"
        );

    /// <summary>The readers that lack a capability now, and had it a day ago.</summary>
    public static RecordingRule NewlyRefused =>
        new(
            "instance_reader:openclaw_network_reader_absence:new",
            "Readers that lack a capability that they did not lack a day ago. What looks back a day makes all of its "
                + "expression slower, hence here.",
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
