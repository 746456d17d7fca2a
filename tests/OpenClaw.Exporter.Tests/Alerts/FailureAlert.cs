using System.Collections.Immutable;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Pools;
using OpenClaw.Kernel.KernelLog;

namespace OpenClaw.Exporter.Tests.Alerts;

/// <summary>An alert about what already fails, however full any pool is: one for each alarm, over all symptoms that mean it.</summary>
/// <param name="Alarm">What the symptoms mean.</param>
/// <param name="Name">Its name without the prefix of all alerts.</param>
/// <param name="Summary">One sentence for somebody who was asleep.</param>
sealed record FailureAlert(Alarm Alarm, string Name, string Summary)
{
    /// <summary>The list: an alarm that is not in it makes a test fail.</summary>
    public static ImmutableArray<FailureAlert> All { get; } =
    [
        new(Alarm.ListenOverflows, nameof(Alarm.ListenOverflows), "a full accept queue turns clients away"),
        new(Alarm.ListenDrops, nameof(Alarm.ListenDrops), "a listener drops connections"),
        new(Alarm.SynQueueFull, nameof(Alarm.SynQueueFull), "more connections are begun than a listener can take"),
        new(Alarm.TimeWaitOverflows, nameof(Alarm.TimeWaitOverflows), "connections are closed without TIME_WAIT"),
        new(Alarm.TcpMemoryPressure, nameof(Alarm.TcpMemoryPressure), "TCP is short of memory") { CountsBeginnings = true },
        new(Alarm.TcpAborts, nameof(Alarm.TcpAborts), "the kernel resets connections for want of memory"),
        new(Alarm.UdpBufferErrors, nameof(Alarm.UdpBufferErrors), "datagrams are lost in full socket buffers"),
        new(Alarm.ConntrackDrops, nameof(Alarm.ConntrackDrops), "connection tracking drops packets"),
        new(Alarm.ConntrackEarlyDrops, nameof(Alarm.ConntrackEarlyDrops), "connection tracking gives up connections to make room"),
        new(Alarm.ConntrackInsertFailures, nameof(Alarm.ConntrackInsertFailures), "connection tracking fails to enter connections"),
        new(Alarm.ConntrackChains, nameof(Alarm.ConntrackChains), "connection tracking drops packets for the length of its hash chains"),
        new(Alarm.SoftnetDrops, nameof(Alarm.SoftnetDrops), "a CPU drops packets that it has no time for"),
        new(Alarm.NeighbourTableFull, nameof(Alarm.NeighbourTableFull), "the neighbour table is full, and peers on the local network cannot be reached"),
        new(Alarm.FileMaxReached, nameof(Alarm.FileMaxReached), "no program can open a file or a socket"),
    ];

    /// <summary>Kinds that the kernel logs once, for a listener or for the highest count so far, however long it lasts.</summary>
    static readonly ImmutableArray<string> LoggedOnce = [SnakeCase.Of(KernelLogKind.SynFlooding), SnakeCase.Of(KernelLogKind.FileMaxReached)];

    /// <summary>Whether its counter rises when the failure begins, and not while it lasts.</summary>
    public bool CountsBeginnings { get; init; }

    /// <summary>The counters that mean it.</summary>
    public ImmutableArray<Symptom> Counters =>
        [.. SymptomCatalogue.All.Where(symptom => symptom.IsCounter && !symptom.Labels.Contains("code") && symptom.Alarm([.. symptom.Labels.Select(static _ => "")]) == Alarm)];

    /// <summary>The kinds of the kernel's own messages that mean it.</summary>
    public ImmutableArray<string> KernelLogKinds =>
        [.. Enum.GetValues<KernelLogKind>().Select(static kind => SnakeCase.Of(kind)).Where(kind => Alarm.OfKernelLog([kind]) == Alarm)];

    public Alert Alert => new()
    {
        Name = "OpenClaw" + Name,
        Why = Why,
        Severity = SnakeCase.Of(Alarm.Severity),
        Code = Alarm.Code,
        Pool = Alarm.Causes.FirstOrDefault(""),
        Expression = string.Join("\nor\n", Counters.Select(counter => CountsBeginnings ? AlertCatalogue.RoseOnce(MetricOf(counter)) : AlertCatalogue.Rising(MetricOf(counter))).Concat(KernelLog)),
        For = !IsCritical ? "4m" : Counters.IsEmpty ? "90s" : "1m",
        KeepFiringFor = "1m",
        Headline = Summary,
        Causes = Alarm.Causes,
        Summary = Summary + AlertCatalogue.InNamespace + " on {{ $labels.instance }}",
        Description = $"{string.Join(' ', Counters.Select(static counter => $"{MetricOf(counter)} goes up: {counter.Help}").Concat(KernelLogKinds.IsEmpty ? []
            : [$"The kernel's own log {(Counters.IsEmpty ? "says so" : "may say so, too")} (kind {string.Join(", ", KernelLogKinds)})."]))} OpenClaw reports that as {Alarm.Code}.",
        Remedy = Alarm.Advice,
    };

    /// <summary>Whether it pages.</summary>
    public bool IsCritical => Alarm.Severity == PoolCondition.Critical;

    /// <summary>Whether the kernel logs a kind once, however long the failure lasts.</summary>
    public static bool IsLoggedOnce(string kind) => LoggedOnce.Contains(kind);

    string Why => (IsCritical ? "Packets or connections are refused, which pages at any fill; after long enough for a full pool that causes it to page first."
        : "Something is late, tried again or done in another way, which is worth knowing and no reason to wake anybody up.")
        + (CountsBeginnings ? " It is counted when it begins, so once is enough." : "");

    /// <summary>What the kernel says again and again, as it does of a state that lasts; what it says once is believed at once.</summary>
    IEnumerable<string> KernelLog
    {
        get
        {
            const string Event = "openclaw_network_kernel_log_event_timestamp_seconds";
            var again = string.Join('|', KernelLogKinds.Where(static kind => !IsLoggedOnce(kind)));
            var once = string.Join('|', KernelLogKinds.Where(IsLoggedOnce));
            if (again.Length > 0)
                yield return $$"""max without (kind) (changes({{Event}}{kind=~"{{again}}"}[6m]) >= 3)""";
            if (once.Length > 0)
                yield return $$"""max without (kind) (time() - last_over_time({{Event}}{kind=~"{{once}}"}[3m]) < 360)""";
        }
    }

    /// <summary>The metric of a symptom.</summary>
    public static string MetricOf(Symptom symptom) => "openclaw_network_" + symptom.Name;
}
