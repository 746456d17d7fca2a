using System.Collections.Immutable;
using OpenClaw.Exporter.Runtime;

namespace OpenClaw.Exporter.Pools;

/// <summary>The list of symptoms, beside the list of pools: a new symptom is one more element, and its reader.</summary>
static class SymptomCatalogue
{
    public static ImmutableArray<Symptom> All { get; } =
    [
        new()
        {
            Name = "kernel_log_event_timestamp_seconds",
            IsCounter = false,
            Help = "Unix time of the kernel's last message of this kind; absent when its log, as far back as it reaches, has none. "
                + "No count: the kernel limits the rate of its messages. netns is the namespace the message names, self or an inode; empty when it names none.",
            Source = "/dev/kmsg",
            Capability = "CAP_SYSLOG where kernel.dmesg_restrict is 1",
            Scope = PoolScope.Host,
            Labels = ["kind", "netns"],
            Read = KernelLogSymptom.Read,
        },
        new()
        {
            Name = "clw_errors_total",
            Help = "Errors in the OpenClaw log by code since the exporter started, with --openclaw.log; codes beyond the first 50 unknown ones are other.",
            Source = "the OpenClaw log",
            Scope = PoolScope.Host,
            Labels = ["code"],
            Read = static snapshot => snapshot.Get<ClwErrors>().Select(static errors =>
                ImmutableArray.CreateRange(errors.Counts.Select(static pair => new SymptomLevel(pair.Value, pair.Key)))),
        },
    ];
}
