using System.Globalization;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Hosts;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Problems;

/// <summary>Writes diagnoses in words.</summary>
static class Verdicts
{
    /// <summary>Returns the diagnosis in one sentence: the worst pool, its owner, and its code.</summary>
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
        if (unread.Count == 0 && diagnosis.Evaluation.UnreadSymptom is { } counter)
            blind += $" {Capitalized(counter.Symptom.Words)} could not be read: {counter.Unread!.Detail}.";
        if (diagnosis.RuntimeUnread is { } unknown)
            blind += $" The state of OpenClaw could not be read: {unknown.Detail}.";
        var text = diagnosis.Problems.FirstOrDefault(static problem => problem.Phase != Phase.Over) is { } worst
            ? Headline(worst)
            : Calm(diagnosis);
        return text + blind;
    }

    /// <summary>Returns the worst problem in one sentence: what, where, how much is left, and its code.</summary>
    public static string Headline(Problem problem)
    {
        var what = problem.Worst is { } worst ? Sentence(worst) : problem.Evidence;
        var more = problem.Namespaces.Length - 1;
        var others = more > 0 ? $", and in {Counted.Format(more, "more network namespaces")}" : "";
        var who = problem.Worst is { } held && HolderWords.Sentence(held) is { Length: > 0 } words ? $" {words}." : "";
        return who.Length == 0 ? Judged() : Judged() + who;

        string Judged() =>
            problem switch
            {
                { IsReported: true } => $"{what}{others}: OpenClaw reports {problem.Codes[0]}.",
                { Phase: Phase.Failing } => $"{what}{others}: OpenClaw may report {problem.Codes[0]}.",
                _ => $"{what}{others}: exhaustion causes {problem.Codes[0]}.",
            };
    }

    /// <summary>Returns the sentence for a diagnosis without a problem. It is only about what could be seen.</summary>
    static string Calm(Diagnosis diagnosis)
    {
        var fullest = Known(diagnosis) is { } known ? $"{known.Pool.Headline}, {Percent(known.Level)} used" : "";
        return (diagnosis.Condition, fullest) switch
        {
            (_, "") => "No network resource with a limit could be read.",
            (PoolCondition.Unknown, _) =>
                $"Cannot tell whether a resource is exhausted. Fullest known resource: {fullest}.",
            _ => $"No network resource is near its limit{InVisible(diagnosis)}. Fullest resource: {fullest}.",
        };
    }

    /// <summary>
    /// Returns the part of the machine that a clean result is about; empty where it is about all of it.
    /// </summary>
    public static string InVisible(Diagnosis diagnosis) =>
        diagnosis.Snapshot.Scope switch
        {
            { IsWhole: false } part => string.Create(
                CultureInfo.InvariantCulture,
                $" in the {part.Seen} of {part.Total} visible network namespaces"
            ),
            { IsOfContainer: true } => " in what is visible from this container",
            _ => "",
        };

    /// <summary>Returns the name of the machine and its kernel; "unknown" where they cannot be read.</summary>
    public static string Host(Diagnosis diagnosis) =>
        diagnosis.Snapshot.Get<HostIdentity>().TryGet(out var host) ? host.Words : "unknown";

    /// <summary>Returns the part of the machine that was looked at, without a full stop.</summary>
    public static string Scope(Diagnosis diagnosis)
    {
        if (diagnosis.Snapshot.Scope is not { } scope)
            return "1 network namespace; others may exist";
        var seen = string.Create(
            CultureInfo.InvariantCulture,
            $"{scope.Seen} of {Counted.Format(scope.Total, "network namespaces")}"
        );
        return scope switch
        {
            { Why: { Reason: Absence.NotPermitted } } =>
                $"{seen}; the others need {Privileges.CapabilityOf("namespace_snapshots")}",
            { Why: { } why } => $"{seen}; {why.Detail}",
            { IsWhole: false } => $"{seen}; --netns selects them",
            { IsOfContainer: true } => $"{seen}; processes outside this container are not visible",
            _ => seen,
        };
    }

    /// <summary>Returns the fullest known level; null when none is known.</summary>
    static Finding? Known(Diagnosis diagnosis) =>
        diagnosis.Findings.FirstOrDefault(static finding => finding.Level.Utilization is not null);

    /// <summary>Returns the utilisation in percent, or "no known limit".</summary>
    public static string Percent(PoolLevel level) =>
        level.Utilization is { } utilization ? Percentage.Format(utilization) : "no known limit";

    /// <summary>Returns the used amount, the limit and the utilisation: "198 of 200 (99%)".</summary>
    public static string Evidence(Pool pool, PoolLevel level) => $"{Amount(pool, level)} ({Percent(level)})";

    /// <summary>Returns the used amount and the limit: "100 of 28,232", "420 KiB of 2.2 GiB".</summary>
    public static string Amount(Finding finding) => Amount(finding.Pool, finding.Level);

    static string Amount(Pool pool, PoolLevel level) =>
        level.Limit switch
        {
            null => Number(pool, level.Used),
            0 => $"{Number(pool, level.Used)} with a limit of {Number(pool, 0)}",
            { } limit => $"{Number(pool, level.Used)} of {Number(pool, limit)}",
        };

    /// <summary>Returns an amount of a pool with thousands separators; bytes in binary units.</summary>
    static string Number(Pool pool, double amount) =>
        pool.Unit == "bytes" ? ByteSize.Format(amount) : amount.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>
    /// Returns the place of a level: its subject and network namespace. Empty for a resource of the whole machine.
    /// </summary>
    public static string Place(PoolLevel level)
    {
        var (subject, place) = (level.About.Words, In(level.Netns));
        return subject.Length == 0 && place.Length > 0 ? $"network namespace {level.Netns}" : subject + place;
    }

    /// <summary>
    /// Returns the owner of the subject, or why it is unknown, as a sentence without its full stop. Empty when cgroups
    /// show no owner.
    /// </summary>
    public static string Owner(Finding finding)
    {
        var container = finding.ContainerWords is { Length: > 0 } words ? $", {words}" : "";
        return finding switch
        {
            { OwnerUnknown: { Outcome: Outcome.None } } => "unknown: no cgroup2 hierarchy is mounted here",
            { OwnerUnknown: { } why } => $"unknown: {why.Detail}",
            { Cgroup: "" or "/" } => container.TrimStart(',', ' '),
            _ => $"cgroup {finding.Cgroup}{container}",
        };
    }

    /// <summary>Returns a symptom and its place in one sentence without its full stop.</summary>
    public static string Failure(SymptomFinding failure)
    {
        var labels = failure.Sample.Level.Words;
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
            _ when level.Utilization >= pool.EndRatio => "full now",
            { Left: { } left } => $"full in {Durations.Format(left)} at the present rate",
            { Growth: Growth.NotGrowing } => "steady",
            _ => "too early to tell",
        };

    /// <summary>
    /// Returns another place where the same cause shows, with its level and worst holder. A subject that is the same is
    /// not repeated.
    /// </summary>
    /// <param name="finding">The level there.</param>
    /// <param name="worst">The worst level.</param>
    public static string Elsewhere(Finding finding, Finding worst)
    {
        var isSame = finding.Level.About.Words == worst.Level.About.Words;
        var place = isSame && In(finding.Level.Netns) is { Length: > 0 } where ? where.Trim() : Place(finding.Level);
        var holder = finding.Level.Pid is null && finding.Holders.Worst is [var first, ..] ? $", {first.Name}" : "";
        return $"{(place.Length > 0 ? place + ": " : "")}{Amount(finding)} ({Percent(finding.Level)}){holder}";
    }

    /// <summary>Returns a pool that the same cause fills, as a sentence without its full stop.</summary>
    public static string Filled(Finding finding) =>
        $"{Capitalized(finding.Pool.Headline)} ({Place(finding.Level)}): {Amount(finding)} "
        + $"({Percent(finding.Level)}), by the same ports";

    /// <summary>Returns a failure that is over, and its age, as a sentence without its full stop.</summary>
    public static string Past(PastFailure failure, DateTimeOffset now) =>
        $"{Capitalized(failure.Alert.Headline)}{In(failure.Netns)}: ended {Durations.Format(now - failure.Last)} ago";

    /// <summary>Returns a full pool, its place and the rest, as a sentence without its full stop.</summary>
    public static string Sentence(Finding worst)
    {
        var holder = Place(worst.Level);
        var whose = $"{Capitalized(worst.Pool.Headline)}{(holder.Length > 0 ? $" ({holder})" : "")}";
        return worst.Level switch
        {
            { Limit: 0 } => $"{whose} have a limit of 0",
            { Limit: { } limit } level when !worst.IsExhausted =>
                $"{whose} are {Percent(level)} used, {Left(worst, limit)} left",
            _ => $"{whose} are exhausted, {Amount(worst)} used",
        };
    }

    /// <summary>Returns the rest until exhaustion: "2 of 200 ports"; null without a limit.</summary>
    public static string? Left(Finding worst) => worst.Level.Limit is > 0 and var limit ? Left(worst, limit) : null;

    /// <summary>Returns the amount that exhausts the pool: "1 more port"; null without a limit.</summary>
    public static string? More(Finding worst) =>
        (worst.Left, worst.Pool.Unit) switch
        {
            (null, _) => null,
            ({ } left, "bytes") => $"{ByteSize.Format(left)} more",
            ({ } left, var unit) => Counted.Format((long)left, $"more {unit}"),
        };

    /// <summary>Returns the rest until exhaustion: "2 of 200 ports", "420 KiB of 2.2 GiB".</summary>
    static string Left(Finding worst, double limit)
    {
        var (left, all) = (worst.Left ?? 0, limit * worst.Pool.EndRatio);
        var unit = worst.Pool.Unit == "bytes" ? "" : " " + worst.Pool.Unit;
        return $"{Number(worst.Pool, left)} of {Number(worst.Pool, all)}{unit}";
    }

    static string In(string netns) =>
        netns is "" or NetworkNamespaces.Self or NetworkNamespaces.Host ? "" : " in " + netns;

    /// <summary>Returns words with a capital letter at the start.</summary>
    public static string Capitalized(string words) => char.ToUpperInvariant(words[0]) + words[1..];
}
