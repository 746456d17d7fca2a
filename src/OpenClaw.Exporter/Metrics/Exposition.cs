using System.Globalization;
using OpenClaw.Exporter.Pools;
using OpenClaw.Kernel.Sockets;
using Prometheus;

namespace OpenClaw.Exporter.Metrics;

/// <summary>
/// The metrics of one diagnosis, in a registry of their own: a scrape sees one moment whole, two scrapes at once do not
/// disturb each other, and what is gone from the kernel is gone from the page.
/// </summary>
sealed class Exposition
{
    /// <summary>The label value of the network namespace the exporter runs in.</summary>
    const string Self = "self";

    readonly MetricFactory _factory;

    Exposition(Diagnosis diagnosis)
    {
        Diagnosis = diagnosis;
        Registry = Prometheus.Metrics.NewCustomRegistry();
        _factory = Prometheus.Metrics.WithCustomRegistry(Registry);
    }

    /// <summary>What the metrics say.</summary>
    public Diagnosis Diagnosis { get; }

    /// <summary>The metrics.</summary>
    public CollectorRegistry Registry { get; }

    /// <summary>Publishes a diagnosis.</summary>
    public static Exposition Of(Diagnosis diagnosis)
    {
        var exposition = new Exposition(diagnosis);
        exposition.AddPools();
        exposition.AddConditions();
        exposition.AddSockets();
        exposition.AddReaders();
        exposition.AddBuildInfo();
        return exposition;
    }

    void AddPools()
    {
        var utilization = Gauge("pool_utilization_ratio", "Used part of each pool's limit, 0 to 1; the fullest where several share a subject.", "pool", "netns", "subject");
        var threshold = Gauge("pool_threshold_ratio", "Utilisation from which a pool is in this condition.", "pool", "severity");
        var info = Gauge("pool_info", "The OpenClaw error code that a pool's exhaustion shows as.", "pool", "code");
        foreach (var (pool, levels, _) in Diagnosis.Pools)
        {
            info.WithLabels(pool.Name, pool.Code).Set(1);
            threshold.WithLabels(pool.Name, "warning").Set(pool.WarningRatio);
            threshold.WithLabels(pool.Name, "critical").Set(pool.CriticalRatio);
            if (!levels.TryGet(out var present))
                continue;

            var isNamespaced = pool.Scope == PoolScope.NetworkNamespace;
            string[] names = isNamespaced ? ["netns", .. pool.Labels] : [.. pool.Labels];
            var used = Gauge(pool.Name, pool.UsedHelp, names);
            var limits = Gauge(pool.Name + "_limit", pool.LimitHelp, names);
            foreach (var level in present)
            {
                string[] values = isNamespaced ? [Self, .. level.Labels] : [.. level.Labels];
                used.WithLabels(values).Set(level.Used);
                if (level.Limit is { } limit)
                    limits.WithLabels(values).Set(limit);
            }

            foreach (var subject in present.Where(static level => level.Utilization is not null).GroupBy(static level => level.Subject))
                utilization.WithLabels(pool.Name, isNamespaced ? Self : "", subject.Key).Set(subject.Max(static level => level.Utilization!.Value));
        }
    }

    void AddConditions()
    {
        var condition = Gauge("condition", "1 while some pool of this OpenClaw error code is at least in this condition.", "code", "severity");
        foreach (var code in ClwCodes.All)
        {
            condition.WithLabels(code, "warning").Set(Diagnosis.Has(code, PoolCondition.Warning) ? 1 : 0);
            condition.WithLabels(code, "critical").Set(Diagnosis.Has(code, PoolCondition.Critical) ? 1 : 0);
        }
    }

    void AddSockets()
    {
        if (Diagnosis.Snapshot.Get<TcpSockets>().TryGet(out var tcp))
        {
            var states = Gauge("tcp_sockets", "TCP sockets by state.", "netns", "state");
            foreach (var state in Enum.GetValues<TcpState>())
                states.WithLabels(Self, NameOf(state)).Set(tcp[state]);
        }

        if (Diagnosis.Snapshot.Get<UdpSockets>().TryGet(out var udp))
            Gauge("udp_sockets", "UDP sockets that have a port.", "netns").WithLabels(Self).Set(udp.Count);
        if (EphemeralPortPools.AreExact(Diagnosis.Snapshot).TryGet(out var exact))
        {
            Gauge("ephemeral_ports_exact", "1 when every value of the ephemeral port pools is proven; 0 when some may be used more than shown, because the kernel does not say which connected sockets were bound by hand.", "netns")
                .WithLabels(Self).Set(exact ? 1 : 0);
        }
    }

    void AddReaders()
    {
        var success = Gauge("reader_success", "1 when a reader got everything it asks the kernel for.", "reader");
        var duration = Gauge("reader_duration_seconds", "How long a reader took.", "reader");
        var absence = Gauge("reader_absence", "1 for the reason why a reader failed.", "reader", "reason");
        foreach (var run in Diagnosis.Snapshot.Runs)
        {
            success.WithLabels(run.Reader.Name).Set(run.Failure is null ? 1 : 0);
            duration.WithLabels(run.Reader.Name).Set(run.Duration.TotalSeconds);
            if (run.Failure is { } failure)
                absence.WithLabels(run.Reader.Name, NameOf(failure.Reason)).Set(1);
        }
    }

    void AddBuildInfo() =>
        Gauge("exporter_build_info", "The running build of the exporter.", "version", "revision", "runtime")
            .WithLabels(BuildInfo.Version, BuildInfo.Revision, BuildInfo.Runtime).Set(1);

    Gauge Gauge(string name, string help, params string[] labels) =>
        _factory.CreateGauge("openclaw_network_" + name, help, labels, new GaugeConfiguration { SuppressInitialValue = true });

    /// <summary>An enumeration's member in snake case, as label values are written.</summary>
    internal static string NameOf<T>(T value) where T : struct, Enum
    {
        var name = value.ToString();
        return string.Concat(name.Select((letter, i) => i > 0 && char.IsUpper(letter)
            ? "_" + char.ToLower(letter, CultureInfo.InvariantCulture)
            : char.ToLower(letter, CultureInfo.InvariantCulture).ToString()));
    }
}
