using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.KernelLog;

namespace OpenClaw.Exporter.Tests.Alerts;

/// <summary>An alert about what already fails, however full any pool is: one for each alarm, over all symptoms that mean it.</summary>
/// <param name="Alarm">What the symptoms mean.</param>
/// <param name="Summary">One sentence for somebody who was asleep.</param>
sealed record FailureAlert(Alarm Alarm, string Summary)
{
    /// <summary>The list: an alarm that is not in it makes a test fail.</summary>
    public static ImmutableArray<FailureAlert> All { get; } =
    [
        new(Alarm.ListenOverflows, "a full accept queue turns clients away"),
        new(Alarm.ListenDrops, "a listener drops connections"),
        new(Alarm.SynQueueFull, "more connections are begun than a listener can take"),
        new(Alarm.TimeWaitOverflows, "connections are closed without TIME_WAIT"),
        new(Alarm.TcpMemoryPressure, "TCP is short of memory"),
        new(Alarm.TcpAborts, "the kernel resets connections for want of memory"),
        new(Alarm.UdpBufferErrors, "datagrams are lost in full socket buffers"),
        new(Alarm.ConntrackDrops, "connection tracking drops packets"),
        new(Alarm.ConntrackEarlyDrops, "connection tracking gives up connections to make room"),
        new(Alarm.ConntrackInsertFailures, "connection tracking fails to enter connections"),
        new(Alarm.ConntrackChains, "connection tracking drops packets for the length of its hash chains"),
        new(Alarm.SoftnetDrops, "a CPU drops packets that it has no time for"),
        new(Alarm.NeighbourTableFull, "the neighbour table is full, and peers on the local network cannot be reached"),
        new(Alarm.FileMaxReached, "no program can open a file or a socket"),
    ];

    /// <summary>The counters that mean it.</summary>
    public ImmutableArray<Symptom> Counters =>
        [.. SymptomCatalogue.All.Where(symptom => symptom.IsCounter && !symptom.Labels.Contains("code") && symptom.Alarm([.. symptom.Labels.Select(static _ => "")]) == Alarm)];

    /// <summary>The kinds of the kernel's own messages that mean it.</summary>
    public ImmutableArray<string> KernelLogKinds =>
        [.. Enum.GetValues<KernelLogKind>().Select(static kind => SnakeCase.Of(kind)).Where(kind => Alarm.OfKernelLog([kind]) == Alarm)];

    public Alert Alert => new()
    {
        Name = "OpenClaw" + string.Concat(Alarm.Name.Split('_').Select(static word => char.ToUpperInvariant(word[0]) + word[1..])),
        Why = Why,
        Severity = SnakeCase.Of(Alarm.Severity),
        Code = Alarm.Code,
        Pool = Alarm.Causes.FirstOrDefault()?.Name ?? "",
        Expression = $"""
            max without (alarm) (
              {AlertCatalogue.Failing($"alarm=\"{Alarm.Name}\"")}
            )
            """,
        For = IsCritical ? "90s" : "3m",
        KeepFiringFor = "1m",
        Headline = Summary,
        Causes = [.. Alarm.Causes.Select(static pool => pool.Name)],
        Summary = Summary + AlertCatalogue.InNamespace + " on {{ $labels.instance }}",
        Description = $"{string.Join(' ', Counters.Select(static counter => $"{MetricOf(counter)} goes up: {counter.Help}").Concat(KernelLogKinds.IsEmpty ? []
            : [$"The kernel's own log {(Counters.IsEmpty ? "says so" : "may say so, too")} (kind {string.Join(", ", KernelLogKinds)})."]))} OpenClaw reports that as {Alarm.Code}.",
        Remedy = Alarm.Advice,
    };

    /// <summary>Whether it pages.</summary>
    public bool IsCritical => Alarm.Severity == PoolCondition.Critical;

    string Why => IsCritical ? "Packets or connections are refused, which pages at any fill; after long enough for a full pool that causes it to page first."
        : "Something is late, tried again or done in another way, which is worth knowing and no reason to wake anybody up.";

    /// <summary>The metric of a symptom.</summary>
    public static string MetricOf(Symptom symptom) => "openclaw_network_" + symptom.Name;
}
