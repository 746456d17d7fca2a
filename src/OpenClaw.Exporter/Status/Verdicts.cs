using System.Globalization;
using OpenClaw.Exporter.Pools;
using OpenClaw.Kernel.Namespaces;

namespace OpenClaw.Exporter.Status;

/// <summary>Diagnoses in words.</summary>
static class Verdicts
{
    /// <summary>The diagnosis in one sentence: the worst pool, by whom, and the code it shows as.</summary>
    public static string Of(Diagnosis diagnosis)
    {
        var unread = diagnosis.Pools.Count(static state => state.Condition == PoolCondition.Unknown);
        var blind = unread switch
        {
            0 => "",
            1 => " One pool could not be read.",
            _ => string.Create(CultureInfo.InvariantCulture, $" {unread} pools could not be read."),
        };
        return diagnosis.Findings.FirstOrDefault() switch
        {
            { Condition: PoolCondition.Critical } worst => $"{Sentence(worst)}: OpenClaw reports {worst.Codes[0]}.{blind}",
            { Condition: PoolCondition.Warning } worst => $"{Sentence(worst)}, which is on the way to {worst.Codes[0]}.{blind}",
            { Level.Utilization: not null } worst => $"No network resource is near its limit; the fullest are {Words(worst.Pool)}, {Percent(worst.Level)} used.{blind}",
            _ => $"No network resource with a limit could be read.{blind}",
        };
    }

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
        return level.Netns is "" or NetworkNamespaces.Self or NetworkNamespaces.Host ? holder
            : holder.Length > 0 ? $"{holder} in {level.Netns}"
            : "in " + level.Netns;
    }

    /// <summary>Who else is in the same trouble; empty when nobody is.</summary>
    public static string Others(Trouble trouble) => trouble.Also.IsEmpty
        ? ""
        : "Also " + string.Join(", ", trouble.Also.Select(static finding => $"{Holder(finding)} ({Percent(finding.Level)})"));

    static string Sentence(Finding worst)
    {
        var holder = Holder(worst);
        var words = Words(worst.Pool);
        return $"{char.ToUpperInvariant(words[0])}{words[1..]}{(holder.Length > 0 ? $" ({holder})" : "")} are {Percent(worst.Level)} used, {Amount(worst.Level)}";
    }
}
