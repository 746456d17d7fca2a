namespace OpenClaw.Testing;

/// <summary>The pools and symptoms that no test provokes in a real kernel, for the reference to list.</summary>
static class Unprovoked
{
    const string MachineLimit =
        "its limit, which is the machine's; that as much more shows as sockets hold, a test sees";

    /// <summary>The reasons by name: a clause that names the unprovoked part and the cause.</summary>
    public static IReadOnlyDictionary<string, string> Reasons { get; } =
        new Dictionary<string, string>
        {
            ["system_file_descriptors"] =
                "its limit, which is the machine's; that as many more show as were opened, a test sees",
            ["tcp_memory_bytes"] = MachineLimit,
            ["udp_memory_bytes"] = MachineLimit,
            ["tcp_memory_pressures_total"] =
                "it begins at net.ipv4.tcp_mem, which is the machine's, as is the memory that it would take",
            ["conntrack_chain_too_long_total"] =
                "the kernel keeps the key of its hash to itself, and a table that is full is far from such "
                + "chains unless "
                + "net.netfilter.nf_conntrack_buckets, which is the machine's, is small",
            ["kernel_log_event_timestamp_seconds"] =
                "tcp_out_of_memory and file_max_reached, whose limits are the machine's; "
                + "time_wait_table_overflow, which only "
                + "older kernels log",
        };

    /// <summary>The reason for a pool or symptom; empty when a test provokes all of it.</summary>
    public static string ReasonFor(string name) => Reasons.GetValueOrDefault(name, "");
}
