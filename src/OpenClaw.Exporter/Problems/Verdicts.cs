using System.Globalization;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Timeline;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Namespaces;

namespace OpenClaw.Exporter.Problems;

/// <summary>Writes diagnoses in words.</summary>
static class Verdicts
{
    /// <summary>Returns the diagnosis in one sentence: the worst pool, its holder, and its code.</summary>
    public static string Summarize(Diagnosis diagnosis)
    {
        var unread = diagnosis.Pools.Where(static state => state.Unread is not null).ToList();
        var blind = unread switch
        {
            [] => "",
            [var one] => $" {Capitalized(one.Pool.Headline)} could not be read: {one.Unread!.Detail}.",
            [var first, ..] => string.Create(
                CultureInfo.InvariantCulture,
                $" {unread.Count} pools could not be read: {first.Unread!.Detail}."
            ),
        };
        if (diagnosis.RuntimeUnread is { } unknown)
            blind += $" The state of OpenClaw could not be read: {unknown.Detail}.";
        var failure = diagnosis.Symptoms.FirstOrDefault();
        return diagnosis.Findings.FirstOrDefault() switch
        {
            { Condition: PoolCondition.Critical } worst =>
                $"{Sentence(worst)}: OpenClaw reports {worst.Codes[0]}.{blind}",
            _ when failure is { Condition: PoolCondition.Critical } =>
                $"{Failure(failure)}: OpenClaw reports {failure.Alert!.Code}.{blind}",
            { Condition: PoolCondition.Warning } worst =>
                $"{Sentence(worst)}, which is on the way to {worst.Codes[0]}.{blind}",
            _ when failure is { Condition: PoolCondition.Warning } =>
                $"{Failure(failure)}, which OpenClaw may report as {failure.Alert!.Code}.{blind}",
            _ when diagnosis.Condition == PoolCondition.Unknown && Known(diagnosis) is { } known =>
                $"It is not known whether all is well.{blind} Of what could be read, the fullest are "
                    + $"{known.Pool.Headline}, {Percent(known.Level)} used.",
            { Level.Utilization: not null } worst =>
                $"No network resource is near its limit; the fullest are {worst.Pool.Headline}, "
                    + $"{Percent(worst.Level)} used.{blind}",
            _ => $"No network resource with a limit could be read.{blind}",
        };
    }

    /// <summary>Returns the fullest known level; null when none is known.</summary>
    static Finding? Known(Diagnosis diagnosis) =>
        diagnosis.Findings.FirstOrDefault(static finding => finding.Level.Utilization is not null);

    /// <summary>Returns the utilisation in percent, or "no limit known".</summary>
    public static string Percent(PoolLevel level) =>
        level.Utilization is { } utilization ? Percentage.Format(utilization) : "no limit known";

    /// <summary>Returns the used amount and the limit, with thousands separators.</summary>
    public static string Amount(PoolLevel level) =>
        level.Limit switch
        {
            null => level.Used.ToString("N0", CultureInfo.InvariantCulture),
            0 => string.Create(CultureInfo.InvariantCulture, $"{level.Used:N0} where none is allowed"),
            var limit => string.Create(CultureInfo.InvariantCulture, $"{level.Used:N0} of {limit:N0}"),
        };

    /// <summary>
    /// Returns the holder of a level: the subject with its process, or the pool's own labels. Empty when there is none.
    /// </summary>
    public static string Holder(Finding finding)
    {
        var level = finding.Level;
        return (level.About.Words + In(level.Netns)).TrimStart();
    }

    /// <summary>
    /// Returns the owner of the holder, as far as cgroups show it: a sentence without its full stop. Empty when they do
    /// not.
    /// </summary>
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

    /// <summary>Returns a symptom and its place in one sentence without its full stop.</summary>
    public static string Failure(SymptomFinding failure)
    {
        var labels = string.Join(
            ' ',
            failure
                .Symptom.Labels.Zip(failure.Labels)
                .Where(static pair => pair.First != "netns" && pair.Second.Length > 0)
                .Select(static pair => pair.Second)
        );
        var where = In(failure.Netns);
        if (failure.Symptom.Headline is { } headline)
            return headline(labels, where, failure.Alert);
        var of = labels.Length > 0 ? $" ({labels})" : "";
        var what = $"{Capitalized(failure.Symptom.Words)}{of}{where}";
        return failure.Symptom.IsCounter
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{what} rose by {failure.Increase:N0} within {Durations.Format(failure.Over)}"
            )
            : string.Create(CultureInfo.InvariantCulture, $"{what} is {failure.Sample.Level.Value:#,0.###}");
    }

    /// <summary>Returns the time at which a level will be full at the present rate.</summary>
    /// <param name="pool">The pool, which may be exhausted below its limit.</param>
    /// <param name="level">The level.</param>
    /// <param name="forecast">The recent growth.</param>
    public static string When(Pool pool, PoolLevel level, Forecast forecast) =>
        forecast switch
        {
            _ when level.Utilization >= pool.EndRatio => "it is full now",
            { Left: { } left } => $"at the present rate it is full in {Durations.Format(left)}",
            { Growth: Growth.NotGrowing } => "it does not grow",
            _ => "too early to say when it is full",
        };

    /// <summary>Returns the other holders that need the same remedy; empty when there are none.</summary>
    public static string Others(IEnumerable<Finding> others) =>
        string.Join(", ", others.Select(static finding => $"{Holder(finding)} ({Percent(finding.Level)})"))
            is { Length: > 0 } words
            ? "Also " + words
            : "";

    static string Sentence(Finding worst)
    {
        var holder = Holder(worst);
        var whose = $"{Capitalized(worst.Pool.Headline)}{(holder.Length > 0 ? $" ({holder})" : "")}";
        return worst.Level.Limit == 0
            ? $"{whose} have a limit of 0"
            : $"{whose} are {Percent(worst.Level)} used, {Amount(worst.Level)}";
    }

    static string In(string netns) =>
        netns is "" or NetworkNamespaces.Self or NetworkNamespaces.Host ? "" : " in " + netns;

    static string Capitalized(string words) => char.ToUpperInvariant(words[0]) + words[1..];
}
