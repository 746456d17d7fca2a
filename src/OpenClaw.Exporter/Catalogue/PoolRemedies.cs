using System.Globalization;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The remedies of the pools, computed from the readings.</summary>
static class PoolRemedies
{
    const long SensibleBacklog = 4096;

    /// <summary>
    /// The kernel's default on a machine with a few gigabytes of memory. Each socket takes about 250 bytes.
    /// </summary>
    const long SensibleTimeWait = 65536;

    /// <summary>The recommended number of orphans. Each takes up to 64 KB.</summary>
    const long SensibleOrphans = 4096;

    /// <summary>The kernel's default (net/ipv4/arp.c, net/ipv6/ndisc.c).</summary>
    const long DefaultNeighbours = 1024;

    /// <summary>Returns the remedy for connection tracking.</summary>
    public static Remedy ConntrackEntries(PoolLevel level) =>
        Remedy.Sysctl(
            "Make room in the table, or exempt traffic that needs no tracking (nft notrack).",
            PoolCatalogue.ConntrackEntries.Sysctls[0],
            Twice(level),
            "One value for the machine: set it on the host. Each entry takes about 320 bytes "
                + "of kernel memory. kube-proxy sets its own value again. At boot the line has no "
                + "effect before the module is loaded: put nf_conntrack into "
                + "/etc/modules-load.d/nf_conntrack.conf.",
            ChangeScope.Host,
            Present(level)
        );

    /// <summary>Returns the remedy for TIME_WAIT.</summary>
    public static Remedy TimeWaitSockets(PoolLevel level) =>
        Remedy.Sysctl(
            "Keep connections open and reuse them instead of opening one for each request.",
            PoolCatalogue.TimeWaitSockets.Sysctls[0],
            Twice(level, SensibleTimeWait),
            "Never lower it to get rid of TIME_WAIT: packets of old connections then reach new ones.",
            old: Present(level)
        );

    /// <summary>Returns the remedy for orphans.</summary>
    public static Remedy OrphanSockets(PoolLevel level) =>
        Remedy.Sysctl(
            "Find peers that vanished with unacknowledged data: ss -tno state fin-wait-1.",
            PoolCatalogue.OrphanSockets.Sysctls[0],
            Twice(level, SensibleOrphans),
            "One value for the machine: set it on the host. Each orphan takes up to 64 KB of kernel memory.",
            ChangeScope.Host,
            Present(level)
        );

    /// <summary>The pages that are recommended where the limit is 0: 64 MB of pages of 4 KB.</summary>
    const long LeastPages = 16_384;

    /// <summary>Returns the remedy for the buffers of a protocol. The three numbers of its sysctl are pages.</summary>
    public static Remedy SocketMemory(PoolLevel level, string protocol)
    {
        // ss leaves out UDP sockets without a peer, unless all are asked for.
        var advice = $"Find sockets with unread data: ss {(protocol == "udp" ? "-uanm" : "-tnm")}.";
        if (level.Limit is not { } limit)
            return new(advice);
        var high = limit > 0 ? 2 * (long)limit / Environment.SystemPageSize : LeastPages;
        return Remedy.Sysctl(
            advice,
            $"net.ipv4.{protocol}_mem",
            string.Create(CultureInfo.InvariantCulture, $"{high / 2} {high * 3 / 4} {high}"),
            "One value for the machine: set it on the host. Nothing else can use this memory.",
            ChangeScope.Host
        );
    }

    /// <summary>Returns the remedy for a neighbour table.</summary>
    public static Remedy NeighbourEntries(PoolLevel level) =>
        Remedy.Sysctl(
            "Count its entries by interface: ip neigh show | awk '{print $3}' | sort | uniq -c.",
            $"net.{level.Subject}.neigh.default.gc_thresh3",
            Twice(level, DefaultNeighbours),
            "One table for all network namespaces: set it on the host.",
            ChangeScope.Host,
            Present(level)
        );

    /// <summary>
    /// Returns the remedy for a listener. It first asks why the process does not accept, because with a longer queue
    /// clients only wait longer. The sysctl is raised only where the sysctl, not the program, limits the queue.
    /// </summary>
    public static Remedy AcceptQueue(NamespaceView view, PoolLevel level)
    {
        var listener = ((ListenerSubject)level.About).Listener;
        var cause = view.Get<GatewayHealth>().TryGet(out var health)
            ? GatewayWords.CauseOfQueue(health, view, listener.Port)
            : "";
        var advice =
            $"{cause}Find out why its process does not accept: it is stuck, or short of CPU "
            + $"(ss -ltnp 'sport = :{listener.Port}' names it). A longer queue only helps with "
            + "bursts.";
        if (listener.Backlog is not { } backlog)
            return new(advice);
        if (!view.Get<SocketLimits>().Then(static limits => limits.ListenBacklog).TryGet(out var most))
        {
            return new(
                $"{advice} Its length is the backlog of listen(), limited by net.core.somaxconn, "
                    + "which could not be read."
            )
            {
                NeedsRestart = true,
            };
        }

        return backlog < most
            ? new(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{advice} The program calls listen() with a backlog of {backlog}; "
                        + $"net.core.somaxconn allows {most}. Raise it in the program, and restart the "
                        + $"program."
                )
            )
            {
                NeedsRestart = true,
            }
            : Remedy.Sysctl(
                advice,
                PoolCatalogue.AcceptQueueConnections.Sysctls[0],
                Math.Min(Math.Max(SensibleBacklog, 2 * most), int.MaxValue).ToString(CultureInfo.InvariantCulture),
                "Raise the backlog in the program's listen() too, and restart the program: a "
                    + "listener keeps its backlog.",
                old: most.ToString(CultureInfo.InvariantCulture)
            ) with
            {
                NeedsRestart = true,
            };
    }

    /// <summary>Returns the limit as its sysctl has it; null when there is none or it is unknown.</summary>
    public static string? Present(PoolLevel level) => level.Limit?.ToString("0", CultureInfo.InvariantCulture);

    /// <summary>
    /// Returns twice the limit. Where the limit is 0, which allows nothing, it returns a first value.
    /// </summary>
    public static string Twice(PoolLevel level, long first = 0)
    {
        var limit = (long)Math.Min(level.Limit ?? level.Used, long.MaxValue / 4);
        return (limit == 0 ? first : 2 * limit).ToString(CultureInfo.InvariantCulture);
    }
}
