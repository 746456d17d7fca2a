using System.Collections.Immutable;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.Holders;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Containers;

/// <summary>
/// The containers and pods that hold something a snapshot shows. They are those of watched and of full processes, of
/// holders of ports, of network namespaces, and of the cgroups with the most sockets.
/// </summary>
/// <param name="ById">Each by the id of the container, or by the UID of a pod without one.</param>
public sealed record ContainerNames(IReadOnlyDictionary<string, Reading<Container>> ById)
{
    /// <summary>Returns the container or pod of a process; null where it is in none or no file names it.</summary>
    public Container? Find(ProcessOwner owner) =>
        ById.TryGetValue(KeyOf(owner), out var reading) && reading.TryGet(out var container) ? container : null;

    /// <summary>Returns the key of an owner; empty outside containers and pods.</summary>
    internal static string KeyOf(ProcessOwner owner) => owner.Container.Length > 0 ? owner.Container : owner.Pod;
}

/// <summary>Looks up the containers and pods that a snapshot shows.</summary>
/// <param name="files">The files of the engines.</param>
sealed class ContainerNamesReader(ContainerFiles files)
    : Reader<ContainerNames>(
        "container_names",
        "config.v2.json of Docker, containers.json of Podman, names in /var/log/{containers,pods}"
    )
{
    public override ImmutableArray<Type> Needs { get; init; } =
    [
        typeof(ProcessTable),
        typeof(WatchedCgroups),
        typeof(NetworkNamespaces),
        typeof(CgroupPaths),
        typeof(NamespaceHolders),
    ];

    protected override Reading<ContainerNames> Read(SamplingPass sampling)
    {
        if (!sampling.Get<ProcessTable>().TryGet(out var table))
            table = new([]);
        var owners = new List<ProcessOwner>();
        if (sampling.Get<WatchedCgroups>().TryGet(out var watched))
            owners.AddRange(watched.Owners.Values);
        if (sampling.Get<NetworkNamespaces>().TryGet(out var namespaces))
            owners.AddRange(namespaces.All.Select(static netns => netns.Owner));
        if (sampling.Get<NamespaceHolders>().TryGet(out var holders))
            owners.AddRange(holders.Processes.Select(static process => process.Owner));
        if (sampling.Get<CgroupPaths>().TryGet(out var paths))
            owners.AddRange(paths.ById.Values.Select(ProcessOwner.FromPath));
        var names = owners
            .Where(static owner => ContainerNames.KeyOf(owner).Length > 0)
            .DistinctBy(ContainerNames.KeyOf)
            .ToDictionary(ContainerNames.KeyOf, owner => files.Find(owner, table));
        files.ForgetUnasked();
        return names.Count == 0
            ? new Missing(Absence.NotPresent, "no container and no pod holds anything that is shown")
            : new ContainerNames(names);
    }

    /// <summary>A machine without containers is no failure.</summary>
    protected override Missing? FailureFrom(Missing missing) => missing.Outcome == Outcome.None ? null : missing;

    /// <summary>Reports a file that could not be read, with the right that is necessary.</summary>
    protected override Missing? Shortfall(ContainerNames value) =>
        value
            .ById.Values.Select(static reading => reading.Missing)
            .FirstOrDefault(static missing => missing is { IsUnseen: true });
}
