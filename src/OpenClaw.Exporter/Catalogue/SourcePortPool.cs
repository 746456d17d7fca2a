using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The pool of source ports of address translation.</summary>
static class SourcePortPool
{
    /// <summary>
    /// Reads one level for each of the fullest groups. Absent while no connection fails, since ports are then not
    /// counted.
    /// </summary>
    public static Reading<ImmutableArray<PoolLevel>> Read(NamespaceView view)
    {
        var reading = view.Get<TrackedConnections>();
        if (reading.Missing == TrackedConnections.NothingFails)
            return reading.Missing with { Reason = Absence.NotPresent };
        return reading.Then<ImmutableArray<PoolLevel>>(static tracked =>
            tracked.Translated.Groups.IsEmpty
                ? new Missing(Absence.NotPresent, "no connection has a translated source address")
                : ImmutableArray.CreateRange(tracked.Translated.Groups, static group =>
                    PoolLevel.From(group.Used, (long?)group.Limit, new TranslationSubject(group))
                )
        );
    }

    /// <summary>Returns the reason why some connections were not counted.</summary>
    public static Missing? Shortfall(NamespaceView view) => view.FailureOf<TrackedConnections>();

    /// <summary>
    /// Returns true where ports were counted and a group is close to its limit; null where it is unknown.
    /// </summary>
    public static bool? IsShort(NamespaceView view, PoolThresholds thresholds)
    {
        if (!view.Get<TrackedConnections>().TryGet(out _) || view.FailureOf<TrackedConnections>() is not null)
            return null;
        return Read(view).TryGet(out var levels)
            && levels.Any(level =>
                PoolCatalogue.SourcePorts.Judge(
                    level with
                    {
                        Thresholds = thresholds.ForLevel(PoolCatalogue.SourcePorts, level),
                    }
                ) >= PoolCondition.Warning
            );
    }

    /// <summary>Returns advice that names the rule's range and the remote. No command can choose either.</summary>
    public static Remedy Remedy(PoolLevel level)
    {
        var group = ((TranslationSubject)level.About).Group;
        var allowed = Counted.Format((long)(level.Limit ?? 0), "source ports");
        var range = group.LimitSource switch
        {
            PortLimitSource.Rule => $"A rule allows {allowed}. ",
            PortLimitSource.Block => string.Create(
                CultureInfo.InvariantCulture,
                $"All connections have source ports from {group.Lowest} to {group.Highest}, "
                    + $"probably the range of a rule. "
            ),
            _ => $"One address has {allowed}. ",
        };
        var room =
            group.LimitSource == PortLimitSource.Kernel
                ? "Translate to more source addresses"
                : "Translate to more source addresses or to a wider range of ports";
        return new(
            $"{range}{room}: nft list ruleset and iptables -t nat -S show the rule. Or open fewer connections to "
                + $"{((TranslationSubject)level.About).Remote}: keep them open and reuse them."
        )
        {
            Warning = "Neither --random-fully nor a larger connection tracking table gives more ports.",
        };
    }
}
