using System.Collections.Immutable;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Runtime;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Probe;

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
        new()
        {
            Name = "probe_success",
            IsCounter = false,
            Help = "1 when a program was given what it asks for: a socket, a TCP or UDP port of 127.0.0.1 by bind(), a connection to 127.0.0.1. "
                + "connect is absent while tcp_bind fails, for want of a listener.",
            Source = "socket(), bind(), connect()",
            Scope = PoolScope.NetworkNamespace,
            Labels = ["operation"],
            Read = static snapshot => Probe(snapshot, static result => result.Error == 0 ? 1 : 0),
        },
        new()
        {
            Name = "probe_duration_seconds",
            IsCounter = false,
            Help = "How long a program waits for them.",
            Source = "socket(), bind(), connect()",
            Scope = PoolScope.NetworkNamespace,
            Labels = ["operation"],
            Read = static snapshot => Probe(snapshot, static result => result.Duration.TotalSeconds),
        },
        new()
        {
            Name = "probe_errors_total",
            Help = "Failures of the probe since the exporter started, by the error that a program is given.",
            Source = "socket(), bind(), connect()",
            Scope = PoolScope.NetworkNamespace,
            Labels = ["operation", "errno"],
            Read = static snapshot => snapshot.Get<AllocationProbe>().Select(static probe => ImmutableArray.CreateRange(
                probe.Errors.Select(static errors => new SymptomLevel(errors.Count, SnakeCase.Of(errors.Operation), errors.Error)))),
        },
    ];

    static Reading<ImmutableArray<SymptomLevel>> Probe(Snapshot snapshot, Func<ProbeResult, double> select) =>
        snapshot.Get<AllocationProbe>().Select(probe => ImmutableArray.CreateRange(
            probe.Results.Select(result => new SymptomLevel(select(result), SnakeCase.Of(result.Operation)))));
}
