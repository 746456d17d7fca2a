namespace OpenClaw.Testing;

/// <summary>The pools and symptoms that no test provokes in a real kernel, for the reference to list.</summary>
static class Unprovoked
{
    const string MachineLimit = "the limit of the machine; a test checks that the use rises with the sockets";

    /// <summary>The reasons by name: a clause that names the unprovoked part and the cause.</summary>
    public static IReadOnlyDictionary<string, string> Reasons { get; } =
        new Dictionary<string, string>
        {
            ["system_file_descriptors"] = "the limit of the machine; a test checks that the use rises with open files",
            ["tcp_memory_bytes"] = MachineLimit,
            ["udp_memory_bytes"] = MachineLimit,
            ["tcp_memory_pressures_total"] = "the limit net.ipv4.tcp_mem of the machine, and its memory",
            ["conntrack_chain_too_long_total"] =
                "the hash key of the kernel is secret; with the default "
                + "net.netfilter.nf_conntrack_buckets even a full table has short chains",
            ["kernel_log_event_timestamp_seconds"] =
                "tcp_out_of_memory and file_max_reached, limits of the machine; "
                + "time_wait_table_overflow, logged only by older kernels",
        };

    /// <summary>The reason for a pool or symptom; empty when a test provokes all of it.</summary>
    public static string ReasonFor(string name) => Reasons.GetValueOrDefault(name, "");
}
