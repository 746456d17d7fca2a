using System.Collections.Immutable;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>
/// Finds the cgroups that the limits of OpenClaw's services apply to. The kernel's readers search their peers where a
/// limit is near.
/// </summary>
sealed class ConnectionLimitsReader()
    : Reader<ConnectionLimits>("connection_limits", "--openclaw.config, /proc/PID/cgroup")
{
    static readonly Missing NoLimits = new(Absence.NotAsked, "no service that runs here limits its connections");

    public override bool IsOwn => true;

    public override ImmutableArray<Type> Needs { get; init; } =
    [typeof(ServiceConfiguration), typeof(ProcessTable), typeof(WatchedCgroups)];

    protected override Reading<ConnectionLimits> Read(SamplingPass sampling)
    {
        if (
            !sampling.Get<ServiceConfiguration>().TryGet(out var configuration)
            || !sampling.Get<ProcessTable>().TryGet(out var table)
            || !sampling.Get<WatchedCgroups>().TryGet(out var cgroups)
        )
        {
            return NoLimits;
        }

        ImmutableArray<CgroupLimit> limits =
        [
            .. from service in DaemonConnectionPool.Services(configuration, table)
            let most = (double?)service.Limits.MaxConnections
            where most is not null && !service.Processes.IsEmpty
            select new CgroupLimit(
                cgroups.IdsOf(service.Processes),
                most.Value / ProcessDescriptors.CountNamespaces(service.Processes)
            ),
        ];
        return limits.IsEmpty ? NoLimits : new ConnectionLimits(limits);
    }

    protected override Missing? FailureFrom(Missing missing) => null;
}
