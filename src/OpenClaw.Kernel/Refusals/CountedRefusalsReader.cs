using System.Collections.Immutable;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Hosts;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Refusals;

/// <summary>
/// The refused calls that another process on this machine has counted. A process that starts now would count only from
/// now on.
/// </summary>
/// <param name="refused">The refused calls, by the inode of the network namespace.</param>
/// <param name="bootId">The start of the kernel that they were counted on.</param>
sealed class CountedRefusalsReader(IReadOnlyDictionary<ulong, RefusedConnects> refused, string bootId)
    : Reader<ByNamespace<RefusedConnects>>("refused_connects", "the running exporter")
{
    public override ImmutableArray<Type> Needs { get; init; } = [typeof(HostIdentity), typeof(NetworkNamespaces)];

    protected override Reading<ByNamespace<RefusedConnects>> Read(SamplingPass sampling)
    {
        if (!sampling.Get<HostIdentity>().TryGet(out var host) || host.BootId != bootId)
            return new Missing(Absence.NotPresent, "the running exporter is on another machine");
        return sampling
            .Get<NetworkNamespaces>()
            .Select(namespaces => new ByNamespace<RefusedConnects>(
                namespaces
                    .All.Where(netns => netns.Inode is { } inode && refused.ContainsKey(inode))
                    .ToDictionary<NetworkNamespace, FileIdentity, Reading<RefusedConnects>>(
                        static netns => netns.Identity,
                        netns => refused[netns.Inode!.Value]
                    )
            ));
    }
}
