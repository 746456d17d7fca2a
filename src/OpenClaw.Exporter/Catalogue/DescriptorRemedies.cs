using System.Globalization;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.Containers;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Writes;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The remedies of the pools of file descriptors.</summary>
static class DescriptorRemedies
{
    const long SensibleDescriptors = 65536;

    /// <summary>The recommended limit for the machine. Each file takes a kilobyte of kernel memory.</summary>
    const long SensibleFiles = 1048576;

    /// <summary>A year in hours. A later date is no useful forecast, and may exceed a duration.</summary>
    const double FurthestSensibleHours = 365 * 24;

    /// <summary>
    /// Returns the remedy for a process: raise its own limit while it runs. Without more rights, the hard limit is the
    /// maximum. No right allows more than fs.nr_open.
    /// </summary>
    public static Remedy OfProcess(NamespaceView view, PoolLevel level)
    {
        var limit = (long)(level.Limit ?? level.Used);
        var wanted = Math.Max(SensibleDescriptors, 2 * limit);
        long? most = view.Get<FileNr>().Then(static files => files.ProcessMaximum).TryGet(out var maximum)
            ? maximum
            : null;
        var room = Math.Min(wanted, most ?? wanted);
        var process = ((ProcessSubject)level.About).Process;
        var hasRoom = process.Limits.TryGet(out var limits) && (limits.OpenFilesHard ?? long.MaxValue) > limit;
        var remedy = new Remedy($"{DescriptorKindWords.WhatItHolds(view, process)}{HowItGrows(view, level)}")
        {
            Drift = RestartPending(view, level),
        };
        const string own = "Raising fs.file-max does not help: the limit is the process's own RLIMIT_NOFILE.";
        if (most <= limit)
        {
            return remedy with
            {
                Warning = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{own} It equals fs.nr_open ({most}), the maximum of the kernel. This number of "
                        + $"descriptors is a leak."
                ),
            };
        }

        var soft = hasRoom ? Math.Min(room, limits!.OpenFilesHard ?? long.MaxValue) : room;
        var (line, file) = Persistent(room, level, view);
        var capped =
            room < wanted
                ? string.Create(CultureInfo.InvariantCulture, $" The kernel refuses more than fs.nr_open, {most}.")
                : "";
        var hard = hasRoom ? "" : " Its hard limit is reached too; raising that needs CAP_SYS_RESOURCE.";
        return remedy with
        {
            Changes =
            [
                new ProcessLimitChange(process.Pid, soft, hasRoom ? null : soft, line, file)
                {
                    Old = limits is { OpenFilesSoft: { } presentSoft, OpenFilesHard: { } presentHard }
                        ? new OpenFileLimits(presentSoft, presentHard)
                        : null,
                    Unit = file == OfUnit(OwnerOf(view, level.Pid)) ? OwnerOf(view, level.Pid).Unit : null,
                },
            ],
            NeedsRestart = true,
            Warning = own + capped + hard,
        };
    }

    /// <summary>Returns the remedy for the whole machine.</summary>
    public static Remedy OfMachine(PoolLevel level) =>
        Remedy.Sysctl(
            "Find the processes with the most open files (listed below), and make room.",
            PoolCatalogue.SystemFileDescriptors.Sysctls[0],
            PoolRemedies.Twice(level, SensibleFiles),
            scope: ChangeScope.Host,
            old: PoolRemedies.Present(level)
        );

    /// <summary>
    /// Returns the line that sets the process's limit at each start, and its place. Both depend on the program that
    /// starts it.
    /// </summary>
    static (string Line, string File) Persistent(long room, PoolLevel level, NamespaceView view)
    {
        var unit = string.Create(CultureInfo.InvariantCulture, $"LimitNOFILE={room}");
        var flag = string.Create(CultureInfo.InvariantCulture, $"--ulimit nofile={room}:{room}");
        var owner = OwnerOf(view, level.Pid);
        var container = ContainerOf(view, owner);
        return owner switch
        {
            _ when ((ProcessSubject)level.About).Sandbox is { } sandbox => ContainerPlaces.OfSandbox(
                room,
                sandbox.Configuration
            ),
            _ when owner.Pod.Length > 0 || container?.Pod is not null => (
                unit,
                "the [Service] section of the container engine's unit: Kubernetes has no setting for it"
            ),
            _ when ContainerPlaces.OfOpenFiles(room, owner, container) is { } place => place,
            { Unit.Length: > 0 } when !owner.IsOfUser => (unit, OfUnit(owner)),
            _ when GatewayOf(view, level) is { IsUserUnit: true, Owner: { Length: > 0 } own } => (
                unit,
                $"the [Service] section of its systemd unit (systemctl --user edit {ShellWord.Quote(own)})"
            ),
            _ when view.Get<SocketLimits>().TryGet(out var limits) && limits.AreOfChild => (
                flag,
                "docker run of its container, ulimits: in its compose file, or LimitNOFILE= in the systemd unit "
                    + "that runs it"
            ),
            _ => (unit, $"the [Service] section of the unit that runs it (systemctl status {level.Pid} names it)"),
        };
    }

    static string OfUnit(ProcessOwner owner) =>
        $"the [Service] section of its systemd unit (systemctl edit {ShellWord.Quote(owner.Unit)})";

    /// <summary>
    /// Returns the owner of a process; <see cref="ProcessOwner.None"/> where its cgroup does not show the owner.
    /// </summary>
    public static ProcessOwner OwnerOf(NamespaceView view, int? pid) =>
        pid is { } id && view.Get<WatchedCgroups>().TryGet(out var cgroups)
            ? cgroups.Owners.GetValueOrDefault(id, ProcessOwner.None)
            : ProcessOwner.None;

    /// <summary>
    /// Returns the container or pod of an owner; null outside both and where no file names it.
    /// </summary>
    public static Container? ContainerOf(NamespaceView view, ProcessOwner owner) =>
        view.Get<ContainerNames>().TryGet(out var names) ? names.Find(owner) : null;

    /// <summary>Judges from the growth over time whether the process leaks.</summary>
    static string HowItGrows(NamespaceView view, PoolLevel level)
    {
        const string unknown =
            "If their number only grows, the process leaks, and a higher limit only delays the failure.";
        if (
            level.Pid is not { } pid
            || !view.Get<DescriptorGrowth>().TryGet(out var growth)
            || !growth.PerHourByPid.TryGetValue(pid, out var perHour)
        )
        {
            return unknown;
        }

        if (perHour < 1)
            return "Their number does not grow.";
        var left =
            level.Limit is { } limit
            && (limit - level.Used) / perHour is var hours and > 0
            && hours < FurthestSensibleHours
                ? $", and reaches its limit in {Durations.Format(TimeSpan.FromHours(hours))}"
                : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"It opens {perHour:N0} more an hour{left}. It leaks, and a higher limit only delays the failure."
        );
    }

    /// <summary>
    /// Returns a note where the service's configuration differs from the limits of its running process.
    /// </summary>
    static string? RestartPending(NamespaceView view, PoolLevel level)
    {
        if (
            view.Get<ServiceConfiguration>().TryGet(out var configuration)
            && view.Get<ProcessTable>().TryGet(out var table)
            && DaemonConnectionPool
                .Services(configuration, table)
                .FirstOrDefault(service => service.Processes.Any(process => process.Pid == level.Pid))
                .Limits
                is { MaxOpenFiles: { } wanted }
            && wanted != level.Limit
        )
        {
            return $"max-open-files is configured as {wanted}, but the process runs with "
                + $"{level.Limit}: restart pending.";
        }

        return
            GatewayOf(view, level)?.UnitLimit is { } unit
            && ((ProcessSubject)level.About).Process.Limits.TryGet(out var limits)
            && !unit.IsInForce(limits)
            ? $"{unit.File} has LimitNOFILE={unit.Hard}, but the process runs with {level.Limit}: restart pending."
            : null;
    }

    static FoundGateway? GatewayOf(NamespaceView view, PoolLevel level) =>
        view.Get<FoundGateways>().TryGet(out var found)
            ? found.Running.FirstOrDefault(gateway => gateway.Pid == level.Pid)
            : null;
}
