using System.Globalization;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Timeline;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Namespaces;

namespace OpenClaw.Exporter.Problems;

/// <summary>Diagnoses in words.</summary>
static class Verdicts
{
    /// <summary>The diagnosis in one sentence: the worst pool, by whom, and the code it shows as.</summary>
    public static string Of(Diagnosis diagnosis)
    {
        var unread = diagnosis.Pools.Where(static state => state.Unread is not null).ToList();
        var blind = unread switch
        {
            [] => "",
            [var one] => $" {Capitalized(Words(one.Pool))} could not be read: {one.Unread!.Detail}.",
            [var first, ..] => string.Create(CultureInfo.InvariantCulture, $" {unread.Count} pools could not be read: {first.Unread!.Detail}."),
        };
        if (diagnosis.RuntimeUnread is { } unknown)
            blind += $" The state of OpenClaw could not be read: {unknown.Detail}.";
        var failure = diagnosis.Symptoms.FirstOrDefault();
        return diagnosis.Findings.FirstOrDefault() switch
        {
            { Condition: PoolCondition.Critical } worst => $"{Sentence(worst)}: OpenClaw reports {worst.Codes[0]}.{blind}",
            _ when failure is { Condition: PoolCondition.Critical } => $"{Failure(failure)}: OpenClaw reports {failure.Alarm!.Code}.{blind}",
            { Condition: PoolCondition.Warning } worst => $"{Sentence(worst)}, which is on the way to {worst.Codes[0]}.{blind}",
            _ when failure is { Condition: PoolCondition.Warning } => $"{Failure(failure)}, which OpenClaw may report as {failure.Alarm!.Code}.{blind}",
            _ when diagnosis.Condition == PoolCondition.Unknown && Known(diagnosis) is { } known =>
                $"It is not known whether all is well.{blind} Of what could be read, the fullest are {Words(known.Pool)}, {Percent(known.Level)} used.",
            { Level.Utilization: not null } worst => $"No network resource is near its limit; the fullest are {Words(worst.Pool)}, {Percent(worst.Level)} used.{blind}",
            _ => $"No network resource with a limit could be read.{blind}",
        };
    }

    /// <summary>The fullest of what is known; null when nothing is.</summary>
    static Finding? Known(Diagnosis diagnosis) => diagnosis.Findings.FirstOrDefault(static finding => finding.Level.Utilization is not null);

    /// <summary>A pool's name as words.</summary>
    public static string Words(Pool pool) => pool.Name.Replace('_', ' ');

    /// <summary>The utilisation in percent, or that there is no limit.</summary>
    public static string Percent(PoolLevel level) => level.Utilization is { } utilization
        ? utilization.ToString("0.#%", CultureInfo.InvariantCulture)
        : "no limit known";

    /// <summary>Used and limit, with groups of thousands.</summary>
    public static string Amount(PoolLevel level) => level.Limit is { } limit
        ? string.Create(CultureInfo.InvariantCulture, $"{level.Used:N0} of {limit:N0}")
        : level.Used.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Whom a level is about: the subject with its process, or the pool's own labels; empty when there is nobody.</summary>
    public static string Holder(Finding finding)
    {
        var level = finding.Level;
        var holder = level.Pid is { } pid
            ? string.Create(CultureInfo.InvariantCulture, $"{level.Subject} (pid {pid})")
            : string.Join(' ', finding.Pool.Labels.Zip(level.Labels).Select(static pair => pair switch
            {
                ("source", var source) => source == "*" ? "" : "from " + source,
                ("destination", var destination) => destination == "*" ? "to any new destination" : "to " + destination,
                (_, var value) => value,
            }).Where(static word => word.Length > 0));
        return (holder + In(level.Netns)).TrimStart();
    }

    /// <summary>Who that belongs to, as far as cgroups tell: a sentence without its full stop; empty when they do not.</summary>
    public static string Owner(Finding finding)
    {
        var container = finding.Container is { Length: > 0 } id ? $", container {id[..12]}" : "";
        return finding switch
        {
            { Cgroup: "" or "/" } => container.TrimStart(',', ' '),
            { Level.Pid: not null } => $"cgroup {finding.Cgroup}{container}",
            _ => $"most TCP sockets here are of cgroup {finding.Cgroup}{container}",
        };
    }

    /// <summary>What a symptom shows, of whom, in one sentence without its full stop.</summary>
    public static string Failure(SymptomFinding failure)
    {
        var labels = failure.Symptom.Labels.Zip(failure.Labels).Where(static pair => pair.First != "netns").Select(static pair => pair.Second).Where(static label => label.Length > 0);
        var of = string.Join(' ', labels) is { Length: > 0 } words ? $" ({words})" : "";
        var where = In(failure.Netns);
        var name = failure.Symptom.Name;
        return name switch
        {
            "probe_success" when failure.Alarm == Alarm.ExporterDescriptors => $"The exporter itself has no file descriptor left{where}{of}",
            "probe_success" => $"A program{where} is refused what it asks for{of}",
            "kernel_log_event_timestamp_seconds" => $"The kernel has lately logged {string.Join(' ', labels).Replace('_', ' ')}{where}",
            _ => string.Create(CultureInfo.InvariantCulture,
                $"{Capitalized(name[..^"_total".Length].Replace('_', ' '))}{of}{where} rose by {failure.Increase:N0} within {Durations.Of(failure.Over)}"),
        };
    }

    /// <summary>When a level is full if it goes on as it does.</summary>
    public static string When(PoolLevel level, Forecast forecast) => forecast switch
    {
        _ when level.Utilization >= 1 => "it is full now",
        { Left: { } left } => $"at the present rate it is full in {Durations.Of(left)}",
        { Growth: Growth.NotGrowing } => "it does not grow",
        _ => "too early to say when it is full",
    };

    /// <summary>Who else is in the same trouble; empty when nobody is.</summary>
    public static string Others(Trouble trouble) => trouble.Also.IsEmpty
        ? ""
        : "Also " + string.Join(", ", trouble.Also.Select(static finding => $"{Holder(finding)} ({Percent(finding.Level)})"));

    static string Sentence(Finding worst)
    {
        var holder = Holder(worst);
        var words = Words(worst.Pool);
        return $"{Capitalized(words)}{(holder.Length > 0 ? $" ({holder})" : "")} are {Percent(worst.Level)} used, {Amount(worst.Level)}";
    }

    static string In(string netns) => netns is "" or NetworkNamespaces.Self or NetworkNamespaces.Host ? "" : " in " + netns;

    static string Capitalized(string words) => char.ToUpperInvariant(words[0]) + words[1..];
}
