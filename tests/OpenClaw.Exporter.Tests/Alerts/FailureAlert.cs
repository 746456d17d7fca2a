using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.KernelLog;

namespace OpenClaw.Exporter.Tests.Alerts;

/// <summary>An alert about what already fails, however full any pool is: one for each alarm, over all symptoms that mean it.</summary>
/// <param name="Alert">What the symptoms mean.</param>
/// <param name="Summary">One sentence for somebody who was asleep.</param>
sealed record FailureAlert(Alert Alert, string Summary)
{
    /// <summary>The list: an alarm that is not in it makes a test fail.</summary>
    public static ImmutableArray<FailureAlert> All { get; } =
    [
        new(Alert.ListenOverflows, "a full accept queue turns clients away"),
        new(Alert.ListenDrops, "a listener drops connections"),
        new(Alert.SynQueueFull, "more connections are begun than a listener can take"),
        new(Alert.TimeWaitOverflows, "connections are closed without TIME_WAIT"),
        new(Alert.TcpMemoryPressure, "TCP is short of memory"),
        new(Alert.TcpAborts, "the kernel resets connections for want of memory"),
        new(Alert.UdpBufferErrors, "datagrams are lost in full socket buffers"),
        new(Alert.ConntrackDrops, "connection tracking drops packets"),
        new(Alert.ConntrackEarlyDrops, "connection tracking gives up connections to make room"),
        new(Alert.ConntrackInsertFailures, "connection tracking fails to enter connections"),
        new(Alert.ConntrackChains, "connection tracking drops packets for the length of its hash chains"),
        new(Alert.SoftnetDrops, "a CPU drops packets that it has no time for"),
        new(Alert.NeighbourTableFull, "the neighbour table is full, and peers on the local network cannot be reached"),
        new(Alert.FileMaxReached, "no program can open a file or a socket"),
    ];

    /// <summary>The counters that mean it.</summary>
    public ImmutableArray<Symptom> Counters =>
        [.. SymptomCatalogue.All.Where(symptom => symptom.IsCounter && !symptom.Labels.Contains("code") && symptom.Alert([.. symptom.Labels.Select(static _ => "")]) == Alert)];

    /// <summary>The kinds of the kernel's own messages that mean it.</summary>
    public ImmutableArray<string> KernelLogKinds =>
        [.. Enum.GetValues<KernelLogKind>().Select(static kind => SnakeCase.Of(kind)).Where(kind => Alert.OfKernelLog([kind]) == Alert)];

    public AlertingRule Rule => new()
    {
        Name = "OpenClaw" + string.Concat(Alert.Name.Split('_').Select(static word => char.ToUpperInvariant(word[0]) + word[1..])),
        Why = Why,
        Severity = SnakeCase.Of(Alert.Severity),
        Code = Alert.Code,
        Pool = Alert.Causes.FirstOrDefault(""),
        Expression = $"""
            max without (alarm) (
              {AlertCatalogue.Failing($"alarm=\"{Alert.Name}\"")}
            )
            """,
        For = IsCritical ? "90s" : "3m",
        KeepFiringFor = "1m",
        Headline = Summary,
        Causes = Alert.Causes,
        Summary = Summary + AlertCatalogue.InNamespace + " on {{ $labels.instance }}",
        Description = $"{string.Join(' ', Counters.Select(static counter => $"{MetricOf(counter)} goes up: {counter.Help}").Concat(KernelLogKinds.IsEmpty ? []
            : [$"The kernel's own log {(Counters.IsEmpty ? "says so" : "may say so, too")} (kind {string.Join(", ", KernelLogKinds)})."]))} OpenClaw reports that as {Alert.Code}.",
        Remedy = Alert.Advice,
    };

    /// <summary>Whether it pages.</summary>
    public bool IsCritical => Alert.Severity == PoolCondition.Critical;

    string Why => IsCritical ? "Packets or connections are refused, which pages at any fill; after long enough for a full pool that causes it to page first."
        : "Something is late, tried again or done in another way, which is worth knowing and no reason to wake anybody up.";

    /// <summary>The metric of a symptom.</summary>
    public static string MetricOf(Symptom symptom) => "openclaw_network_" + symptom.Name;
}
