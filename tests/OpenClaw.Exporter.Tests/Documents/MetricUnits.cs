using System.Collections.Immutable;

namespace OpenClaw.Exporter.Tests;

/// <summary>The unit of each metric family that is neither a pool nor a symptom.</summary>
static class MetricUnits
{
    const string Prefix = "openclaw_network_";

    /// <summary>Prometheus' base units by the suffix of a metric name.</summary>
    static readonly ImmutableArray<(string End, string Unit)> Ends =
    [
        ("_seconds", "seconds"),
        ("_ratio", "ratio, 0 to 1"),
        ("_info", "1"),
    ];

    /// <summary>The units of the other families by the end of their names; "yes or no" means 1 or 0.</summary>
    static readonly ImmutableArray<(string Unit, ImmutableArray<string> Ends)> Counted =
    [
        ("ports", ["listeners_in_ephemeral_range"]),
        ("file descriptors", ["_descriptors"]),
        ("file descriptors per hour", ["_growth_per_hour"]),
        ("entries", ["_entries"]),
        ("sockets", ["_sockets", "_without_keepalive"]),
        ("interfaces", ["veths", "bridges"]),
        ("addresses", ["duplicate_mac_addresses"]),
        ("namespaces", ["namespaces", "namespaces_unused", "namespaces_leaked"]),
        ("containers", ["containers_running"]),
        ("segments", ["destination_retransmits_total"]),
        ("errors", ["log_errors_total"]),
        ("problems", ["episodes_total"]),
        ("clients", ["exporter_refused_clients_total"]),
        ("lines", ["exporter_dropped_log_lines_total"]),
        ("sockets, bytes or entries, as the pool", ["host_pool_contribution"]),
        (
            "yes or no",
            [
                "reader_success",
                "reader_absence",
                "condition",
                "_healthy",
                "gateway_ready",
                "_exact",
                "_persisted",
                "_reverts",
                "port_range_odd",
                "_overlap",
                "restart_pending",
            ]
        ),
    ];

    /// <summary>The unit of a family by its full name; throws when no unit is known.</summary>
    public static string Find(string name)
    {
        foreach (var (end, unit) in Ends)
        {
            if (name.EndsWith(end, StringComparison.Ordinal))
                return unit;
        }

        return Counted
            .SelectMany(static counted => counted.Ends, static (counted, end) => (counted.Unit, End: end))
            .Where(counted =>
                counted.End[0] == '_'
                    ? name.EndsWith(counted.End, StringComparison.Ordinal)
                    : name == Prefix + counted.End
            )
            .Select(static counted => counted.Unit)
            .FirstOrDefault()
            ?? throw new ArgumentException($"no unit is known for {name}", nameof(name));
    }
}
