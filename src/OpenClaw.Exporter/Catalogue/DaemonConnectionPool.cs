using System.Collections.Immutable;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>
/// The pool of connections of OpenClaw's services. The processes of a service are the watched programs whose names
/// contain the service's name. "daemon" also has all watched programs that match no other service. The connections of a
/// service are those of its cgroups.
/// </summary>
static class DaemonConnectionPool
{
    /// <summary>The limit on services that are shown, the fullest first.</summary>
    public const int AtMost = 4;

    const string Daemon = "daemon";

    static readonly char[] Digits = [.. "0123456789"];

    /// <summary>
    /// Reads one level for each service with a limit and connections that can be distinguished from those of others.
    /// </summary>
    public static Reading<ImmutableArray<PoolLevel>> Read(NamespaceView view) => Services(view).Select(Levels);

    /// <summary>Returns the reason why the connections of a service with a limit are unknown.</summary>
    public static Missing? Shortfall(NamespaceView view) =>
        Services(view).TryGet(out var services)
            ? services
                .Select(static service => service.Used.Missing)
                .FirstOrDefault(static missing => missing is { IsUnseen: true })
            : null;

    /// <summary>Returns the watched programs of each configured service.</summary>
    public static IEnumerable<(ServiceLimits Limits, ImmutableArray<ProcessDescriptors> Processes)> Services(
        ServiceConfiguration configuration,
        ProcessTable table
    )
    {
        ServiceLimits? Owner(ProcessDescriptors process) =>
            configuration
                .Services.Where(service => process.Name.Contains(service.Service, StringComparison.OrdinalIgnoreCase))
                .MaxBy(static service => service.Service.Length)
            ?? configuration.Services.FirstOrDefault(static service => service.Service == Daemon);

        var watched = table.Processes.Where(static process => process.IsWatchedProgram).ToLookup(Owner);
        return configuration.Services.Select(service => (service, watched[service].ToImmutableArray()));
    }

    /// <summary>
    /// Returns a command that doubles the number in the service's file. Without a command where the value is not a
    /// plain number.
    /// </summary>
    public static Remedy Remedy(NamespaceView view, PoolLevel level)
    {
        var unit = DescriptorRemedies.OwnerOf(view, level.Pid).Unit;
        var restart =
            unit.Length > 0 ? $"systemctl restart {ShellWord.Quote(unit)}" : "the limit applies from its next start";
        var text = ((ServiceSubject)level.About).Limits.MaxConnectionsText;
        const string advice = "Close idle connections or share them. For room, raise network.max_connections in";
        if (text is null)
            return new($"{advice} the file of the service. Then restart it: {restart}.") { NeedsRestart = true };
        var edit = new LineEdit(text.File, text.Line, text.Text, text.Text.TrimEnd(Digits) + PoolRemedies.Twice(level));
        return new($"{advice} {text.File}. Then restart the service: {restart}.", edit)
        {
            NeedsRestart = true,
            Warning =
                "The command changes only this number, and nothing if the line has changed. A "
                + "deployment of the file may restore the old value.",
        };
    }

    /// <summary>
    /// Returns the processes with the connections of a service, and after them the peers with most. The only process of
    /// a service is known also where its descriptors may not be read, or where it accepts no connection.
    /// </summary>
    public static LevelHolders Holders(NamespaceView view, PoolLevel level)
    {
        var holders = MachineHolders.Find(view, ((ServiceSubject)level.About).Connections);
        ImmutableArray<Holder> worst = [.. holders.Worst.OrderBy(static holder => holder.Process is null)];
        if (
            worst is not [{ Process: not null }, ..]
            && view.Get<ProcessTable>().TryGet(out var table)
            && table.Processes.FirstOrDefault(process => process.Pid == level.Pid) is { } only
        )
        {
            worst = [PoolHolders.Named(view, only.Pid, only.Name, level.Used), .. worst.Take(PoolHolders.AtMost - 1)];
        }

        return holders with
        {
            Worst = worst,
        };
    }

    /// <summary>
    /// Returns the TCP sockets. They are unknown where their source does not show cgroups, so that no connection of a
    /// service can be counted.
    /// </summary>
    static Reading<TcpSockets> Sockets(NamespaceView view) =>
        view.Get<TcpSockets>()
            .Then(sockets =>
                sockets.ShowsCgroups
                    ? sockets
                    : (Reading<TcpSockets>)
                        new Missing(
                            Absence.Failed,
                            view.FailureOf<TcpSockets>()?.Detail ?? "the source of the sockets does not show cgroups"
                        )
            );

    /// <summary>
    /// Returns the services with a limit and processes. Services that share a cgroup cannot be distinguished and are
    /// left out, as are processes in the root cgroup.
    /// </summary>
    static Reading<ImmutableArray<ServiceConnections>> Services(NamespaceView view) =>
        view.Get<ServiceConfiguration>()
            .Then(configuration =>
                view.Get<WatchedCgroups>()
                    .Then(static cgroups => cgroups.Unmounted ?? (Reading<WatchedCgroups>)cgroups)
                    .Then(cgroups =>
                        Sockets(view)
                            .Then(sockets =>
                                view.Get<ProcessTable>()
                                    .Select(table => Count(configuration, table, cgroups, new(view, cgroups, sockets)))
                            )
                    )
            );

    static ImmutableArray<ServiceConnections> Count(
        ServiceConfiguration configuration,
        ProcessTable table,
        WatchedCgroups cgroups,
        CgroupConnections connections
    )
    {
        var services = Services(configuration, table)
            .Select(service =>
                (service.Limits, service.Processes, Ids: service.Processes.Select(IdOf).ToImmutableArray())
            )
            .ToList();
        var shared = services
            .SelectMany(static service =>
                service.Ids.Select(static id => id.TryGet(out var known) ? known : 0).Distinct()
            )
            .GroupBy(static id => id)
            .Where(static id => id.Count() > 1 || id.Key == 0)
            .Select(static id => id.Key)
            .ToHashSet();
        return
        [
            .. from service in services
            where service.Limits.MaxConnections is not null && !service.Processes.IsEmpty
            where service.Ids.All(id => id.TryGet(out var known) ? !shared.Contains(known) : id.Missing!.IsUnseen)
            let known = cgroups.IdsOf(service.Processes)
            select new ServiceConnections(
                service.Limits,
                service.Processes,
                connections.NameOf(service.Processes[0]),
                known,
                service.Ids.Select(static id => id.Missing).FirstOrDefault(static missing => missing is not null)
                    ?? connections.Sum(service.Processes, known)
            ),
        ];

        Reading<ulong> IdOf(ProcessDescriptors process) =>
            cgroups.ByPid.TryGetValue(process.Pid, out var id)
                ? id
                : new Missing(Absence.Gone, $"process {process.Pid} appeared since the processes were listed");
    }

    static ImmutableArray<PoolLevel> Levels(ImmutableArray<ServiceConnections> services) =>
        [
            .. (
                from service in services
                let used = service.Used.TryGet(out var known) ? known : (long?)null
                where used is not null
                orderby (double)used / service.Limits.MaxConnections descending, service.Limits.Service
                let pid = service.Processes is [var only] ? only.Pid : (int?)null
                select new PoolLevel(
                    used.Value,
                    service.Limits.MaxConnections,
                    new ServiceSubject(service.Limits, pid, new(service.Cgroups))
                )
                {
                    Netns = service.Netns,
                }
            )
                .Take(AtMost)
                .OrderBy(static level => level.Subject, StringComparer.Ordinal),
        ];

    /// <summary>A service with a limit on its connections.</summary>
    sealed record ServiceConnections(
        ServiceLimits Limits,
        ImmutableArray<ProcessDescriptors> Processes,
        string Netns,
        ImmutableArray<ulong> Cgroups,
        Reading<long> Used
    );
}
