using System.Collections.Immutable;

namespace OpenClaw.Exporter.Metrics;

/// <summary>The unit of each metric family.</summary>
static class MetricUnits
{
    const string Prefix = "openclaw_network_";

    /// <summary>What Prometheus' base units are called by, at the end of a name.</summary>
    static readonly ImmutableArray<(string End, string Unit)> Ends =
    [
        ("_timestamp_seconds", "seconds since 1970"), ("_seconds", "seconds"), ("_bytes", "bytes"), ("_bytes_limit", "bytes"), ("_ratio", "ratio, 0 to 1"),
        ("_info", "1"), ("_limit", ""),
    ];

    /// <summary>What the others count, by the end of their names; what is 0 or 1 says yes or no.</summary>
    static readonly ImmutableArray<(string Unit, ImmutableArray<string> Ends)> Counted =
    [
        ("ports", ["_ports", "listeners_in_ephemeral_range"]),
        ("file descriptors", ["_descriptors"]),
        ("file descriptors per hour", ["_growth_per_hour"]),
        ("entries", ["_entries", "conntrack_early_drops_total", "conntrack_insert_failures_total", "conntrack_clashes_total"]),
        ("sockets", ["_sockets", "_without_keepalive"]),
        ("connections", ["_connections", "listen_overflows_total", "listen_drops_total", "time_wait_overflows_total", "tcp_aborts_on_memory_total"]),
        ("packets", ["_drops_total", "syn_retransmits_total", "syn_cookies_sent_total", "conntrack_chain_too_long_total"]),
        ("datagrams", ["_buffer_errors_total"]),
        ("times", ["_overlimits_total", "_pressures_total", "_squeezed_total", "_table_fulls_total"]),
        ("errors", ["clw_errors_total", "probe_errors_total"]),
        ("interfaces", ["veths", "bridges"]),
        ("addresses", ["duplicate_mac_addresses"]),
        ("namespaces", ["namespaces", "namespaces_unused", "namespaces_leaked"]),
        ("containers", ["containers_running"]),
        ("sockets, bytes or entries, as the pool", ["host_pool_contribution"]),
        ("yes or no", ["probe_success", "reader_success", "reader_absence", "condition", "_healthy", "_exact", "_persisted", "_reverts", "port_range_odd", "_overlap", "restart_pending"]),
    ];

    /// <summary>That of a family, by its full name; a family without one is not to be.</summary>
    public static string Of(string name)
    {
        foreach (var (end, unit) in Ends)
        {
            if (name.EndsWith(end, StringComparison.Ordinal))
                return unit.Length > 0 ? unit : Of(name[..^end.Length]);
        }

        // The longest end that fits: listen_drops_total counts connections, other drops are packets.
        return Counted
            .SelectMany(static counted => counted.Ends, static (counted, end) => (counted.Unit, End: end))
            .Where(counted => counted.End[0] == '_' ? name.EndsWith(counted.End, StringComparison.Ordinal) : name == Prefix + counted.End)
            .OrderByDescending(static counted => counted.End.Length)
            .Select(static counted => counted.Unit)
            .FirstOrDefault() ?? throw new ArgumentException($"no unit is known for {name}", nameof(name));
    }
}
