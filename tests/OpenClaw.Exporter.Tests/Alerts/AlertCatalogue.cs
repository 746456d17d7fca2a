using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Timeline;
using OpenClaw.Kernel.Sysctls;

namespace OpenClaw.Exporter.Tests.Alerts;

/// <summary>The list of alerts, in the groups in which they are evaluated. What it says of pools and failures comes from their lists.</summary>
static class AlertCatalogue
{
    /// <summary>A pool that is full, or on the way there.</summary>
    public static ImmutableArray<Alert> Pools { get; } =
    [
        new()
        {
            Name = "OpenClawPoolCritical",
            Why = "Two scrapes of three minutes, because calls fail already or are about to: one alone pages nobody, at whatever interval, and neither "
                + "a scrape that is lost nor a pool that goes back and forth over the threshold hides it. It stays for longer than any failure that "
                + "a full pool causes is in sight, or the effect would page once its cause is mended.",
            Severity = "critical",
            Expression = """
                last_over_time(openclaw_network_pool_exceeded_ratio{severity="critical"}[3m])
                and
                count_over_time(openclaw_network_pool_exceeded_ratio{severity="critical"}[3m]) >= 2
                """,
            For = "15s",
            KeepFiringFor = "6m",
            Headline = "a pool is at its critical threshold",
            Causes = PoolNames,
            Summary = $"{PoolName} {{{{ $value | humanizePercentage }}}} used{Subject} on {{{{ $labels.instance }}}}",
            Description = $"The pool {{{{ $labels.pool }}}} {Where} is at or above its critical threshold. "
                + "Whoever needs more of it fails now or soon; OpenClaw reports that as {{ $labels.code }}.",
            Remedy = PoolRemedies,
        },
        new()
        {
            Name = "OpenClawPoolWarning",
            Why = "At either threshold, so that a pool which goes back and forth over the critical one is reported; while that pages, the Alertmanager "
                + "silences this. A scrape or two may be lost.",
            Severity = "warning",
            Expression = "max without (severity) (last_over_time(openclaw_network_pool_exceeded_ratio[150s]))",
            For = "5m",
            KeepFiringFor = "5m",
            Headline = "a pool is at its warning threshold for minutes",
            Causes = PoolNames,
            Summary = $"{PoolName} {{{{ $value | humanizePercentage }}}} used{Subject} on {{{{ $labels.instance }}}}",
            Description = $"The pool {{{{ $labels.pool }}}} {Where} has been at or above its warning threshold for minutes. "
                + "Nothing fails yet; when it runs out, OpenClaw reports {{ $labels.code }}.",
            Remedy = PoolRemedies,
        },
        new()
        {
            Name = "OpenClawPoolExhaustionImminent",
            Why = "A prediction alone cries wolf over pools that are nearly empty, so it counts from half full on, where the series begins; and over "
                + "a step, whose line is steep for long, so the pool has to go on rising for longer than a step of a minute is in sight.",
            Severity = "warning",
            Expression = $"""
                last_over_time({RecordedNames.Filled}[150s])
                and
                predict_linear({RecordedNames.Filled}[15m], 1800) >= 1
                and
                delta({RecordedNames.Filled}[3m]) > 0.0045
                """,
            For = "4m",
            KeepFiringFor = "5m",
            Headline = "a pool will be exhausted within half an hour",
            Causes = PoolNames,
            Summary = $"{PoolName}{Subject} will be exhausted within half an hour on {{{{ $labels.instance }}}}",
            Description = $"Of the pool {{{{ $labels.pool }}}} {Where}, {{{{ $value | humanizePercentage }}}} is used and, at the rate of the last "
                + "quarter of an hour, all of it within the next half; OpenClaw then reports {{ $labels.code }}.",
            Remedy = PoolRemedies,
        },
    ];

    /// <summary>What shows over a day, from samples that are recorded for it every quarter of an hour.</summary>
    public static Alert Creep { get; } = new()
    {
        Name = "OpenClawPoolCreep",
        Why = "What leaks has a floor that rises, so a burst does not count. It has to have risen as fast in the six hours before, give or take half of that, "
            + "which is when there were six hours more left: what grew at once, at a start or a move of traffic, does not creep.",
        Severity = "warning",
        Expression = $"""
            {RecordedNames.Left}
            and
            abs(({RecordedNames.Left} + 21600) / {RecordedNames.Left} offset 6h - 1) < 0.5
            """,
        For = "3h",
        KeepFiringFor = "1h",
        Headline = "a pool creeps up from day to day and will be exhausted within two",
        Causes = PoolNames,
        Summary = $"{PoolName}{Subject} creeps up and will be exhausted within two days on {{{{ $labels.instance }}}}",
        Description = $"The least that is used in an hour of the pool {{{{ $labels.pool }}}} {Where} rises and rises: if it goes on as in the last six hours, "
            + "that is all of it in {{ $value | humanizeDuration }}; OpenClaw then reports {{ $labels.code }}.",
        Remedy = PoolRemedies,
    };

    /// <summary>Calls that are refused, and what OpenClaw itself reports.</summary>
    public static ImmutableArray<Alert> Refusals { get; } =
    [
        new()
        {
            Name = "OpenClawProbeFailing",
            Why = "No counter of the kernel moves when socket(), bind() or connect() fails for want of something: the exporter tries them, every 15 seconds at "
                + "least. What fails for want of descriptors of its own, or of the machine's, has another name.",
            Severity = "critical",
            Expression = $$"""
                max without (alarm) (
                  label_replace(
                    {{Failing("alarm=~\".+_refused\"")}},
                    "operation", "$1", "alarm", "(.+)_refused"
                  )
                )
                """,
            For = "90s",
            KeepFiringFor = "1m",
            Headline = "programs are refused a socket, a port or a connection",
            Causes = [.. Operations.SelectMany(static operation => OfProbe(operation).Causes).Select(static pool => pool.Name).Distinct()],
            Summary = "programs are refused {{ $labels.operation | reReplaceAll \"_\" \" \" }}" + InNamespace + " on {{ $labels.instance }}",
            Description = "The exporter did what any program does, {{ $labels.operation | reReplaceAll \"_\" \" \" }} on 127.0.0.1, and was refused. "
                + "openclaw_network_probe_errors_total has the error by its name.",
            Remedy = "openclaw-exporter diagnose names the pool that is full, who holds it and the command that makes room.",
        },
        new()
        {
            Name = "OpenClawErrorsReported",
            Why = "A full pool that explains the code silences it in the Alertmanager. The log does not say which pool it was, nor in which network "
                + "namespace.",
            Severity = "warning",
            Expression = $"""
                max without (alarm, pool) (
                  {Failing("alarm=\"errors_reported\"")}
                )
                """,
            For = "3m",
            KeepFiringFor = "1m",
            Headline = "OpenClaw reports errors that no full pool explains",
            Summary = "OpenClaw reports {{ $labels.code }} on {{ $labels.instance }}",
            Description = "The OpenClaw log has had new errors of the code {{ $labels.code }} for minutes.",
            Remedy = "openclaw-exporter diagnose says which pool is full, and has the context that OpenClaw logged last.",
        },
    ];

    /// <summary>What breaks at the next restart, or slowly.</summary>
    public static ImmutableArray<Alert> Drift { get; } =
    [
        new()
        {
            Name = "OpenClawSysctlLost",
            Why = "Only what was right a day ago: who never wanted it otherwise has no drift. What has been reported stays so until it is right "
                + "again: the alert's own series stands for the day before.",
            Severity = "warning",
            Code = OfKey(static pool => pool.Code),
            Pool = OfKey(static pool => pool.Name),
            Expression = """
                (
                    last_over_time(openclaw_network_sysctl_reverts[150s])
                  and on (job, instance)
                    openclaw_network_reader_success{reader="persisted_sysctls"} offset 1d == 1
                  unless
                    openclaw_network_sysctl_reverts offset 1d
                )
                or
                (
                    last_over_time(openclaw_network_sysctl_reverts[150s])
                  and ignoring (alertname, alertstate, severity, code, pool)
                    last_over_time(ALERTS{alertname="OpenClawSysctlLost", alertstate="firing"}[1h])
                )
                """,
            For = "1h",
            KeepFiringFor = "30m",
            Headline = "a sysctl will be another at the next restart of the machine",
            Summary = "{{ $labels.key }} will be another at the next restart of {{ $labels.instance }}",
            Description = "The value of {{ $labels.key }} is no longer the one that a restart brings back: it was set by hand, or the file changed or is gone.",
            Remedy = "Decide which of the two is right. Write that one into /etc/sysctl.d/90-openclaw.conf and run sysctl --system",
        },
        new()
        {
            Name = "OpenClawRestartPending",
            Why = "For an hour, since between a change of the file and the restart there may be a deployment.",
            Severity = "warning",
            Code = ClwCodes.ResourceLimit,
            Pool = "process_file_descriptors",
            Expression = "openclaw_network_restart_pending == 1",
            For = "1h",
            KeepFiringFor = "5m",
            Headline = "a service runs with another descriptor limit than it is configured with",
            Summary = "{{ $labels.service }} runs with another descriptor limit than it is configured with on {{ $labels.instance }}",
            Description = "The soft RLIMIT_NOFILE of a process of {{ $labels.service }} is not the max-open-files of its configuration.",
            Remedy = "Start {{ $labels.service }} again. If the limit is still another then, its unit or container sets it: LimitNOFILE=, --ulimit",
        },
        new()
        {
            Name = "OpenClawPortRangeOdd",
            Why = "connect() and bind() search every second port first and compute the number of both kinds alike.",
            Severity = "warning",
            Code = ClwCodes.PortConflict,
            Pool = "ephemeral_bind_ports",
            Expression = "openclaw_network_port_range_odd == 1",
            For = "1h",
            KeepFiringFor = "5m",
            Headline = "one port of the ephemeral range is never used",
            Summary = "one port of the ephemeral range is never used on {{ $labels.instance }}",
            Description = "net.ipv4.ip_local_port_range has an odd number of ports, of which the kernel leaves one out: with one port free, calls fail.",
            Remedy = "Move one end of the range by one: sysctl net.ipv4.ip_local_port_range shows it",
        },
        new()
        {
            Name = "OpenClawNamespacesLeaked",
            Why = "More than before, for an hour: those that somebody keeps on purpose have no process either, and do not grow in number. It stays until "
                + "they are gone. Which pool they use up depends on what is in them, so there is none.",
            Severity = "warning",
            Code = ClwCodes.NetworkExhausted,
            Expression = $"openclaw_network_namespaces_leaked - {Before.Name} >= 5",
            For = "1h",
            KeepFiringFor = "30m",
            Headline = "network namespaces are left behind",
            Summary = "{{ $value }} network namespaces were left behind on {{ $labels.instance }}",
            Description = "They have a name and no process. Each keeps its interfaces, addresses and tracked connections.",
            Remedy = "See which (ip netns list) and who made them; ip netns delete NAME removes one",
        },
    ];

    /// <summary>The exporter itself.</summary>
    public static Alert ExporterFailing { get; } = new()
    {
        Name = "OpenClawExporterFailing",
        Why = "Whatever is not read cannot page. Four ways to go blind, in this order: a reader fails, though not because this kernel lacks "
            + "what it reads, nor because it was not given the capability (the status page and the README say what that costs, and it is the "
            + "same tomorrow); a reader lacks one that it did not lack a day ago, which is reported for a day; a target "
            + "that was an exporter is down, and stays reported however long that lasts (the alert's own series replaces the build_info that "
            + "has gone out of sight); all targets of a job that had an exporter are gone, for a week, after which it is taken as meant. One "
            + "target of several that goes is no failure, pods come and go. A Prometheus that never saw an exporter stays silent: where there "
            + "must be one, add absent(openclaw_network_exporter_build_info{job=\"...\"}). There is no code: OpenClaw works on.",
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
                (last_over_time(openclaw_network_exporter_build_info[10m]) or ALERTS{alertname="OpenClawExporterFailing"})
            )
            or
            (
                (
                    last_over_time({{Present.Name}}[1h])
                  or
                    group by (job) (time() - ALERTS_FOR_STATE{alertname="OpenClawExporterFailing", instance="", reader=""} < 604800)
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
        Description = "Its network resources are not watched for as long as this lasts, or not all of them: the alerts about them stay silent even when one runs out.",
        Remedy = """
            {{ if $labels.reader }}Its log names the file or request and what went wrong, the label reason of openclaw_network_reader_absence says it in a word.
            {{- else if $labels.instance }}See whether it runs and what it logged last (journalctl, kubectl logs, docker logs), and whether Prometheus reaches its port.
            {{- else }}See whether it is still deployed and whether the service discovery of this job finds it.{{ end }}
            """,
    };

    /// <summary>All of them.</summary>
    public static ImmutableArray<Alert> All { get; } =
        [.. Pools, .. FailureAlert.All.Select(static failure => failure.Alert), .. Refusals, .. Drift, ExporterFailing, Creep];

    /// <summary>What the allocation probe tries, by its label.</summary>
    public static ImmutableArray<string> Operations => ["socket", "tcp_bind", "udp_bind", "connect"];

    /// <summary>How many namespaces were left behind six hours ago, or six hours before the alert fired.</summary>
    public static RecordedSeries Before => new(
        "instance:openclaw_network_namespaces_leaked:before",
        "Where there are five or more, as few machines have. Once the alert about them fires, it stays what it was, so that the alert ends when they are gone "
        + "and not when no more are added.",
        """
        last_over_time(instance:openclaw_network_namespaces_leaked:before[10m])
        and ignoring (alertname, alertstate, severity, code)
          ALERTS{alertname="OpenClawNamespacesLeaked", alertstate="firing"}
        or
          openclaw_network_namespaces_leaked offset 6h
        and
          openclaw_network_namespaces_leaked >= 5
        """);

    /// <summary>The least of each pool in an hour, of which the rise shows whether it creeps.</summary>
    public static RecordedSeries Floor => new(RecordedNames.Floor, "The least of an hour.", $"min_over_time({RecordedNames.Filled}[1h])");

    /// <summary>What that was six hours ago, and a day.</summary>
    public static ImmutableArray<RecordedSeries> FloorsBefore =>
    [
        new(RecordedNames.SixHoursAgo, "By itself, since an expression looks for all that it reads as far back as for any of it.", $"{RecordedNames.Floor} offset 6h"),
        new(RecordedNames.DayAgo, "The same for a day.", $"{RecordedNames.Floor} offset 1d"),
    ];

    /// <summary>How long it is until that is all of a pool, where it is not long.</summary>
    public static RecordedSeries Left => new(
        RecordedNames.Left,
        "Seconds until it is all of the pool if it goes on as in the last six hours; only where they are less than 54 hours, of which six pass before "
        + "anybody is told. That is rare, so that what looks closer reads little. Whoever was seen a day ago has to have risen since then, too, by twice "
        + "what it did in six hours, which the rhythm of a day does not.",
        $"""
        21600 * (1 - {RecordedNames.Floor}) / ({RecordedNames.Floor} - {RecordedNames.SixHoursAgo}) >= 0 < 194400
        unless
        {RecordedNames.Floor} + {RecordedNames.DayAgo} > 2 * {RecordedNames.SixHoursAgo}
        """);

    /// <summary>The jobs that have an exporter.</summary>
    public static RecordedSeries Present => new(
        "job:openclaw_network_exporter_build_info:present",
        "Which jobs have an exporter, for when they have none any more.",
        "group by (job) (openclaw_network_exporter_build_info)");

    /// <summary>Readers that lack a capability, and did not a day ago.</summary>
    public static RecordedSeries NewlyRefused => new(
        "instance_reader:openclaw_network_reader_absence:new",
        "Readers that lack a capability that they did not lack a day ago. What looks back a day makes all of its expression slower, hence here.",
        $$"""
        openclaw_network_reader_absence{reason="not_permitted",reader=~"{{WithCapability}}"} == 1
        and on (job, instance)
          openclaw_network_exporter_build_info offset 1d
        unless ignoring (reason)
          openclaw_network_reader_absence{reader=~"{{WithCapability}}"} offset 1d
        """);

    /// <summary>The readers that may lose the capability that they use.</summary>
    static string WithCapability => string.Join('|', Privileges.All.Select(static privilege => privilege.Reader));

    /// <summary>The pool that ends where a sysctl says.</summary>
    static string OfKey(Func<Pool, string> select) => Text.Choice(
        "key", PersistedSysctls.Keys.Select(key => (key, select(PoolCatalogue.All.Single(pool => pool.Name == PoolOfKey(key))))), "").Replace("\n", "", StringComparison.Ordinal);

    static string PoolOfKey(string key) => key switch
    {
        "net.ipv4.ip_local_port_range" or "net.ipv4.ip_local_reserved_ports" => "ephemeral_connect_ports",
        "net.netfilter.nf_conntrack_max" => "conntrack_entries",
        "fs.file-max" => "system_file_descriptors",
        "net.ipv4.tcp_max_tw_buckets" => "time_wait_sockets",
        "net.core.somaxconn" => "accept_queue_connections",
        "net.ipv4.tcp_max_orphans" => "orphan_sockets",
        "net.ipv4.tcp_mem" => "tcp_memory_bytes",
        "net.ipv4.udp_mem" => "udp_memory_bytes",
        "net.ipv4.neigh.default.gc_thresh3" or "net.ipv6.neigh.default.gc_thresh3" => "neighbour_entries",
        _ => throw new ArgumentOutOfRangeException(nameof(key), key, "no pool is known to end there"),
    };

    /// <summary>Where it is, for who may have several namespaces.</summary>
    public const string InNamespace = """{{ with $labels.netns }}{{ if ne . "self" }} in network namespace {{ . }}{{ end }}{{ end }}""";

    const string PoolName = """{{ $labels.pool | reReplaceAll "_" " " }}""";

    const string Subject = """{{ if eq $labels.subject "*" }} for every destination{{ else if $labels.subject }} for {{ $labels.subject }}{{ end }}""";

    const string Where = """{{ if eq $labels.netns "self" }}in the exporter's own network namespace{{ else if $labels.netns }}in network namespace {{ $labels.netns }}{{ else }}on the whole machine{{ end }}""";

    static ImmutableArray<string> PoolNames => [.. PoolCatalogue.All.Select(static pool => pool.Name)];

    static string PoolRemedies => Text.Choice(
        "pool", PoolCatalogue.All.Select(static pool => (pool.Name, pool.Remedy)), "The exporter is newer than these rules, which do not know this pool: update them.");

    /// <summary>What it means that this operation of the probe fails.</summary>
    public static Alarm OfProbe(string operation) => Alarm.OfProbe([operation])!;

    /// <summary>What has failed for long enough of the last minutes; a scrape or two may be lost.</summary>
    /// <param name="selector">Which failure.</param>
    public static string Failing(string selector) =>
        $"last_over_time(openclaw_network_failing_seconds{{{selector}}}[150s]) >= {SymptomHistory.Enough * SymptomHistory.Spacing.TotalSeconds}";
}
