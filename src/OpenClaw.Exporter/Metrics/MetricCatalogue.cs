using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Metrics;

/// <summary>
/// The list of metric families. Pools and symptoms bring their own. The others are families over all pools and readers,
/// and the counts of sockets.
/// </summary>
static class MetricCatalogue
{
    const string Prefix = "openclaw_network_";

    /// <summary>The part of its end from which the course of a pool is worth a prediction.</summary>
    const double WorthPredicting = 0.5;

    public static ImmutableArray<MetricFamily> All { get; } = ListFamilies(PoolCatalogue.All, SymptomCatalogue.All);

    /// <summary>Returns the families of some pools and symptoms, and those over all of them.</summary>
    public static ImmutableArray<MetricFamily> ListFamilies(
        ImmutableArray<Pool> pools,
        ImmutableArray<Symptom> symptoms
    ) =>
        [
            .. pools.SelectMany(FamiliesOf),
            .. symptoms.Select(FamilyOf),
            Gauge(
                "pool_utilization_ratio",
                "Used share of each pool's limit, 0 to 1. The fullest where several share a subject.",
                "the pools",
                ["pool", "netns", "subject"],
                static diagnosis =>
                    Subjects(diagnosis)
                        .Select(static level => new Sample(
                            level.Utilization,
                            level.Pool.Name,
                            level.Netns,
                            level.Subject
                        ))
            ) with
            {
                IsEssential = true,
            },
            Gauge(
                "pool_threshold_ratio",
                "Utilisation at which a pool enters this condition. No series for a pool without a "
                    + "utilisation, because it is absent or unlimited.",
                "the pools",
                ["pool", "severity"],
                static diagnosis =>
                    LimitedPools(diagnosis)
                        .Select(pool => (pool.Name, Thresholds: diagnosis.Evaluation.Thresholds.ForPool(pool)))
                        .SelectMany(static pool =>
                            new Sample[]
                            {
                                new(pool.Thresholds.Warning, pool.Name, "warning"),
                                new(pool.Thresholds.Critical, pool.Name, "critical"),
                            }
                        )
            ),
            Gauge(
                "pool_info",
                "The OpenClaw error code of an exhausted pool. No series for a pool that is less "
                    + $"than {Percentage.Format(WorthPredicting)} full.",
                "the pools",
                ["pool", "code"],
                static diagnosis =>
                    Subjects(diagnosis)
                        .Where(static level => level.Utilization / level.Pool.EndRatio >= WorthPredicting)
                        .Select(static level => level.Pool)
                        .Distinct()
                        .Select(static pool => new Sample(1, pool.Name, pool.Code))
            ),
            Gauge(
                "pool_exceeded_ratio",
                "Utilisation of a pool at or above a threshold, with the severity of the highest "
                    + "threshold. No series below. Rules on this metric need not compare every pool of "
                    + "a fleet.",
                "the pools",
                ["pool", "netns", "subject", "code", "severity"],
                static diagnosis =>
                    from level in Subjects(diagnosis)
                    where level.Condition >= PoolCondition.Warning
                    select new Sample(
                        level.Utilization,
                        level.Pool.Name,
                        level.Netns,
                        level.Subject,
                        level.Pool.Code,
                        SnakeCase.Convert(level.Condition)
                    )
            ) with
            {
                IsEssential = true,
            },
            Gauge(
                "pool_holder_info",
                "The process or owner that holds most of a pool at or above a threshold. No series "
                    + "below, or where it is not known.",
                "inet_diag: idiag_inode; /proc/PID/fd; /proc/PID/{comm,cmdline,cgroup}",
                ["pool", "netns", "subject", "name", "process", "pid", "cgroup", "container", "pod", "unit"],
                static diagnosis =>
                    diagnosis
                        .Findings.Where(static finding =>
                            finding.Condition >= PoolCondition.Warning && !finding.Holders.Worst.IsEmpty
                        )
                        .DistinctBy(static finding => (finding.Pool, finding.Level.Netns, finding.Level.Subject))
                        .Take(HoldersAtMost)
                        .Select(static finding => HolderSample(finding, finding.Holders.Worst[0]))
            ) with
            {
                Capability = Privileges.CapabilityOf("socket_holders"),
            },
            Gauge(
                "pool_filled_ratio",
                $"Utilisation of a pool that is at least {Percentage.Format(WorthPredicting)} "
                    + "full, as a share of its point of exhaustion. That is its limit; for orphans half "
                    + "of it, where the kernel begins to reset them. No series below. For rules that "
                    + "look back.",
                "the pools",
                ["pool", "netns", "subject", "code"],
                static diagnosis =>
                    from level in Subjects(diagnosis)
                    let filled = Math.Min(level.Utilization / level.Pool.EndRatio, 1)
                    where filled >= WorthPredicting
                    select new Sample(filled, level.Pool.Name, level.Netns, level.Subject, level.Pool.Code)
            ) with
            {
                IsEssential = true,
            },
            Gauge(
                "condition",
                "1 while a pool with this OpenClaw error code, or a failure that causes it, is in "
                    + "this condition or a worse one. No series instead of 0 where a pool or symptom of "
                    + "the code could not be read or was not requested.",
                "the pools",
                ["code", "severity"],
                static diagnosis =>
                    from code in ClwCodes.All
                    from severity in (PoolCondition[])[PoolCondition.Warning, PoolCondition.Critical]
                    let stands = diagnosis.Stands(code, severity)
                    where stands is not null
                    select new Sample(stands.Value ? 1 : 0, code, SnakeCase.Convert(severity))
            ),
            Gauge(
                "failing_seconds",
                $"Seconds of the last {RecentFailure.Span.TotalMinutes} minutes with this failure, "
                    + $"in steps of {Timeline.Slot.TotalSeconds} seconds. A failure is a rising counter, "
                    + "a kernel message or a refused probe, regardless of the pools. Conditions that "
                    + "the kernel reports only once count as "
                    + $"{RecentFailure.Enough * Timeline.Slot.TotalSeconds}. No series without a failure "
                    + $"in the last {RecentFailure.Lately.TotalMinutes} minutes. pool is the first pool "
                    + "that would explain it. Rules on this metric need not compare every counter of a "
                    + "fleet.",
                "the symptoms",
                ["alarm", "netns", "code", "pool", "severity"],
                static diagnosis =>
                    from failure in diagnosis.RecentFailures
                    let alert = failure.Alert
                    let cause = alert.Causes.FirstOrDefault()?.Name ?? ""
                    select new Sample(
                        failure.Time.TotalSeconds,
                        alert.Name,
                        failure.Netns,
                        alert.Code,
                        cause,
                        SnakeCase.Convert(alert.Severity)
                    )
            ) with
            {
                IsEssential = true,
            },
            Gauge(
                "reader_success",
                "1 when a reader got all of its data from the kernel. 0 under the name of a pool "
                    + "or symptom is a bug of the exporter; its log has the error. No series for a "
                    + "reader with nothing to read, or of the exporter's own counts.",
                "the readers",
                ["reader"],
                static diagnosis =>
                    diagnosis
                        .Snapshot.Runs.Where(static run => run is { HasValue: true, Failure: null })
                        .Where(static run => !run.Reader.IsOwn)
                        .Select(static run => new Sample(1, run.Reader.Name))
                        .Concat(diagnosis.Failures.Select(static failure => new Sample(0, failure.Name)))
            ),
            Gauge(
                "reader_duration_seconds",
                "Duration of a reader. No series for a reader that took less than a millisecond.",
                "the readers",
                ["reader"],
                static diagnosis =>
                    from run in diagnosis.Snapshot.Runs
                    where run.Duration >= TimeSpan.FromMilliseconds(1)
                    select new Sample(run.Duration.TotalSeconds, run.Reader.Name)
            ),
            Gauge(
                "reader_absence",
                "1 for the reason of a failed reader. not_present is normal on many machines.",
                "the readers",
                ["reader", "reason"],
                static diagnosis =>
                    diagnosis.Failures.Select(static failure => new Sample(
                        1,
                        failure.Name,
                        SnakeCase.Convert(failure.Why.Reason)
                    ))
            ),
            .. ExporterFamilies.All,
            .. InventoryFamilies.All,
            Gauge(
                "runtime_healthy",
                "1 when OpenClaw reports a healthy runtime. Requires --openclaw.status-command.",
                "openclaw status",
                [],
                static diagnosis =>
                    One(diagnosis.Snapshot.Get<RuntimeStatus>().Select(static status => status.IsHealthy ? 1.0 : 0.0))
            ),
            Gauge(
                "runtime_info",
                "The version that OpenClaw reports: in its status, or on the page of its Gateway.",
                "openclaw status, the Gateway's page",
                ["version"],
                static diagnosis => GatewayWords.Version(diagnosis.Snapshot) is { } version ? [new(1, version)] : []
            ),
            Gauge(
                "containers_running",
                "Containers that OpenClaw runs. Requires --openclaw.status-command.",
                "openclaw status",
                [],
                static diagnosis =>
                    diagnosis.Snapshot.Get<RuntimeStatus>().TryGet(out var status)
                    && status.ContainersRunning is { } count
                        ? [new(count)]
                        : []
            ),
            .. GatewayFamilies.All,
            .. LogFamilies.All,
            .. NamespaceFamilies.All,
            .. SocketFamilies.All,
            .. DestinationFamilies.All,
            .. ProcessFamilies.All,
            .. ConfigurationFamilies.All,
            Gauge(
                "pool_utilization_peak_ratio",
                "Highest utilisation in the last minute, for pools that are sampled every second "
                    + "between scrapes. These cost next to nothing to read.",
                "the pools",
                ["pool", "netns"],
                Peaks
            ),
        ];

    /// <summary>Returns the pools that have a limit here, or are unread.</summary>
    static IEnumerable<Pool> LimitedPools(Diagnosis diagnosis) =>
        from state in diagnosis.Pools
        where
            state.Levels.TryGet(out var levels)
                ? levels.Any(static level => level.Utilization is not null)
                : state.Levels.Missing is { IsUnseen: true }
        select state.Pool;

    /// <summary>The limit on holders that are shown.</summary>
    const int HoldersAtMost = 20;

    static Sample HolderSample(Finding finding, Holder holder) =>
        new(
            1,
            finding.Pool.Name,
            finding.Level.Netns,
            finding.Level.Subject,
            holder.Name,
            holder.Process?.Name ?? "",
            holder.Process is { Pid: var pid } ? pid.ToString(CultureInfo.InvariantCulture) : "",
            holder.Owner.Cgroup,
            holder.ContainerName,
            holder.PodName,
            holder.Owner.Unit
        );

    static MetricFamily Gauge(
        string name,
        string help,
        string source,
        ImmutableArray<string> labels,
        Func<Diagnosis, IEnumerable<Sample>> read
    ) => new(Prefix + name, MetricType.Gauge, help, source, labels, read);

    static IEnumerable<Sample> One(Reading<double> reading, params ImmutableArray<string> labels) =>
        reading.TryGet(out var value) ? [new(value, labels)] : [];

    /// <summary>Returns the used amount and the limit, as two families.</summary>
    static IEnumerable<MetricFamily> FamiliesOf(Pool pool)
    {
        ImmutableArray<string> labels = [.. NetnsLabel(pool.Scope), .. pool.Labels];
        IEnumerable<Sample> Samples(Diagnosis diagnosis, Func<PoolLevel, double?> select) =>
            from level in FurtherNamespaces.FullestOf(diagnosis, diagnosis.StateOf(pool))
            let value = @select(level)
            where value is not null
            select new Sample(value.Value, [.. NetnsValue(pool.Scope, level), .. level.Labels]);

        var note = pool is { Scope: PoolScope.NetworkNamespace, Labels.IsEmpty: false }
            ? " " + FurtherNamespaces.FullestOnly
            : "";
        return
        [
            Gauge(pool.Name, pool.UsedHelp + note, pool.Source, labels, diagnosis =>
                Samples(diagnosis, static level => level.Used)
                    .Concat(labels is ["netns"] ? Others(pool, diagnosis) : [])
            ) with
            {
                Scope = pool.Scope,
                Unit = pool.Unit,
                IsEssential = true,
            },
            Gauge(pool.Name + "_limit", pool.LimitHelp, pool.Source, labels, diagnosis =>
                Samples(diagnosis, static level => level.Limit)
            ) with
            {
                Scope = pool.Scope,
                Unit = pool.Unit,
                IsEssential = true,
            },
        ];
    }

    /// <summary>
    /// Returns the sum of the used amounts in the namespaces that are not shown. The sum has no limit: each namespace
    /// has its own.
    /// </summary>
    static IEnumerable<Sample> Others(Pool pool, Diagnosis diagnosis)
    {
        var levels = (
            from reading in diagnosis.Evaluation.ByPool[pool].Readings
            where diagnosis.OtherNamespaces.Contains(reading.View)
            from level in reading.Levels.TryGet(out var read) ? read : []
            select level
        ).ToList();
        return levels.Count == 0 ? [] : [new(levels.Sum(static level => level.Used), NetworkNamespaces.Others)];
    }

    static MetricFamily FamilyOf(Symptom symptom)
    {
        var type = symptom.IsCounter ? MetricType.Counter : MetricType.Gauge;
        var isPerNamespace = symptom.Scope == PoolScope.NetworkNamespace;
        ImmutableArray<string> labels = [.. NetnsLabel(symptom.Scope), .. symptom.Labels];
        var hasMany = isPerNamespace && symptom.Labels.Any(static label => label is "interface" or "destination");
        var note = hasMany ? " " + FurtherNamespaces.WorstOnly : "";
        var family = new MetricFamily(
            Prefix + symptom.Name,
            type,
            symptom.Help + note,
            symptom.Source,
            labels,
            diagnosis =>
            {
                var readings = diagnosis.Evaluation.BySymptom[symptom].ToDictionary(static reading => reading.View);
                ImmutableArray<NamespaceView> views = isPerNamespace
                    ? diagnosis.Namespaces
                    : [diagnosis.Evaluation.Machine];
                return from view in views
                    let all = readings[view].Levels.TryGet(out var read) ? read : []
                    from level in diagnosis.IsFurther(view.Name) ? all.Take(FurtherNamespaces.SymptomLevelsAtMost) : all
                    select new Sample(level.Value, isPerNamespace ? [view.Name, .. level.Labels] : level.Labels);
            }
        );
        return family with { Scope = symptom.Scope, Capability = symptom.Capability, Unit = symptom.Unit };
    }

    /// <summary>
    /// Returns the utilisation of each pool and subject: the fullest level where several have the same subject.
    /// </summary>
    static IEnumerable<SubjectLevel> Subjects(Diagnosis diagnosis) =>
        from state in diagnosis.Pools
        from level in FurtherNamespaces.FullestOf(diagnosis, state)
        where level.Utilization is not null
        group level by (state.Pool, level.Netns, level.Subject) into subject
        let fullest = subject.Max(static level => level.Utilization)!.Value

        // TCP and UDP share subjects. A 0 of one protocol shows nothing about the other, which may be unread.
        where fullest > 0 || IsWhole(diagnosis, subject.Key.Pool, subject.Key.Netns)
        select new SubjectLevel(
            subject.Key.Pool,
            subject.Key.Netns,
            subject.Key.Subject,
            fullest,
            subject.Max(level => subject.Key.Pool.ThresholdsOf(level).Judge(level.Utilization))
        );

    /// <summary>A subject of a pool, as the series have it.</summary>
    /// <param name="Pool">The pool.</param>
    /// <param name="Netns">The network namespace; empty for the whole machine.</param>
    /// <param name="Subject">The label of the subject.</param>
    /// <param name="Utilization">The utilisation of its fullest level.</param>
    /// <param name="Condition">The worst condition of its levels.</param>
    sealed record SubjectLevel(Pool Pool, string Netns, string Subject, double Utilization, PoolCondition Condition);

    static bool IsWhole(Diagnosis diagnosis, Pool pool, string netns) =>
        diagnosis
            .Evaluation.ByPool[pool]
            .Readings.All(reading => reading.View.Name != netns || reading.Shortfall is null);

    /// <summary>
    /// Returns the peaks in the exporter's own namespace. Other namespaces are not read between scrapes.
    /// </summary>
    static IEnumerable<Sample> Peaks(Diagnosis diagnosis) =>
        from state in diagnosis.Pools
        let peaks = diagnosis.Snapshot.Get<PoolPeaks>().TryGet(out var seen)
            ? seen.ByPool
            : new Dictionary<Pool, double>()
        where peaks.ContainsKey(state.Pool)
        let netns = state.Pool.Scope == PoolScope.Host
            ? ""
            : diagnosis.Namespaces.FirstOrDefault(static view => view.IsOwn)?.Name
        where netns is not null
        let now = state.Levels.TryGet(out var levels)
            ? levels.Where(level => level.Netns == netns).Max(static level => level.Utilization) ?? 0
            : 0
        select new Sample(Math.Max(peaks[state.Pool], now), state.Pool.Name, netns);

    static ImmutableArray<string> NetnsLabel(PoolScope scope) => scope != PoolScope.Host ? ["netns"] : [];

    static ImmutableArray<string> NetnsValue(PoolScope scope, PoolLevel level) =>
        scope != PoolScope.Host ? [level.Netns] : [];
}
