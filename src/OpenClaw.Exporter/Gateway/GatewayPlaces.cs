using System.Collections.Immutable;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Gateway;

/// <summary>A health address in a network namespace.</summary>
/// <param name="Address">The address.</param>
/// <param name="Netns">The name of the namespace; empty for the exporter's own.</param>
/// <param name="Pid">The process in another namespace; 0 in the exporter's own.</param>
sealed record GatewayTarget(Uri Address, string Netns, int Pid);

/// <summary>The network namespaces in which Gateways are asked, and the accept queues there.</summary>
sealed class GatewayPlaces
{
    /// <summary>The limit on Gateways in other network namespaces. Any user can give a process their name.</summary>
    const int ElsewhereAtMost = 8;

    ImmutableArray<(string Netns, Listener Listener)> _queues = [];
    ImmutableDictionary<string, NetworkNamespace> _entered = ImmutableDictionary<string, NetworkNamespace>.Empty;

    /// <summary>Notes the namespaces of a snapshot, and the accept queues in which connections wait.</summary>
    public void Note(SamplingPass sampling)
    {
        var queues = ImmutableArray.CreateBuilder<(string, Listener)>();
        AddQueues("", sampling.Get<TcpSockets>());
        if (sampling.Get<NamespaceSnapshots>().TryGet(out var snapshots))
        {
            var entered = snapshots.Used.Where(static seen => seen.Missing is null).ToList();
            _entered = entered.ToImmutableDictionary(static seen => seen.Namespace.Name, static seen => seen.Namespace);
            foreach (var seen in entered)
                AddQueues(seen.Namespace.Name, seen.Readings.Get<TcpSockets>());
        }

        _queues = queues.ToImmutable();

        void AddQueues(string netns, Reading<TcpSockets> reading)
        {
            if (reading.TryGet(out var sockets))
                queues.AddRange(sockets.Listeners.Where(static one => one.Waiting > 0).Select(one => (netns, one)));
        }
    }

    /// <summary>Returns the Gateways that may be asked, those in the exporter's own network namespace first.</summary>
    public IEnumerable<(FoundGateway Gateway, GatewayTarget Target)> Targets(FoundGateways found)
    {
        var here =
            from gateway in found.Running
            where gateway.HealthAddress is not null
            select (gateway, new GatewayTarget(gateway.HealthAddress!, "", 0));
        var elsewhere =
            from gateway in found.Running
            where gateway is { Pid: > 0, IsHere: false, LoopbackAddress: not null }
            where _entered.ContainsKey(gateway.Netns)
            select (gateway, new GatewayTarget(gateway.LoopbackAddress!, gateway.Netns, gateway.Pid));
        return here.Concat(elsewhere.Take(ElsewhereAtMost));
    }

    /// <summary>Returns the accept queues at an address.</summary>
    public IEnumerable<Listener> QueuesOf(GatewayTarget target) =>
        _queues
            .Where(queue => queue.Netns == target.Netns && queue.Listener.Port == target.Address.Port)
            .Select(static queue => queue.Listener);

    /// <summary>Returns an entered namespace; null where it is not entered any more.</summary>
    public NetworkNamespace? Find(string netns) => _entered.GetValueOrDefault(netns);
}
