using System.Collections.Immutable;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Gateway;

/// <summary>
/// Asks the Gateways that were found for their health, at an interval and only at their loopback addresses. A Gateway
/// that ended counts as unhealthy until it is no longer expected.
/// </summary>
/// <param name="interval">The time between two questions.</param>
/// <param name="timeout">The limit on the time of one answer.</param>
/// <param name="tokenFile">The file with the token; empty for none.</param>
sealed class FoundGatewayHealthReader(TimeSpan interval, TimeSpan timeout, string tokenFile)
    : PolledReader<GatewayHealth>("openclaw_gateway", "/healthz and /readyz of the Gateways that run here", interval)
{
    readonly Dictionary<Uri, GatewayClient> _clients = [];

    /// <summary>The addresses that once answered as a Gateway does.</summary>
    readonly HashSet<Uri> _confirmed = [];

    /// <summary>The addresses that did not answer the last question in time.</summary>
    readonly HashSet<Uri> _silent = [];

    /// <summary>The accept queues in which connections wait.</summary>
    ImmutableArray<Listener> _queues = [];

    volatile FoundGateways? _found;

    /// <inheritdoc/>
    public override ImmutableArray<Type> Needs { get; init; } = [typeof(FoundGateways), typeof(TcpSockets)];

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        foreach (var client in _clients.Values)
            client.Dispose();
    }

    /// <inheritdoc/>
    public override async Task<Reading<GatewayHealth>> AskAsync(CancellationToken stop)
    {
        var found = _found ?? new([], []);
        var answers = ImmutableArray.CreateBuilder<GatewayHealth>();
        Missing? failure = null;
        foreach (var gateway in found.Running)
        {
            if (gateway.HealthAddress is not { } address)
                continue;
            var reading = CrowdedAt(address) is { } queue ? NotAsked(address, queue) : await AskAsync(address, stop);
            failure ??= reading.Missing;
            if (reading.TryGet(out var health) && IsGateway(gateway, address, health))
                answers.Add(Named(health, gateway));
        }

        foreach (var gone in found.Gone)
        {
            var ago = Durations.Format(gone.GoneFor!.Value);
            answers.Add(
                new(false, $"{gone.Process} at {gone.Address} ended {ago} ago and did not restart")
                {
                    Port = (ushort)gone.Address!.Port,
                }
            );
        }

        Forget(found);
        if (answers.Count > 0)
            return GatewayHealth.Combine(answers.ToImmutable());
        return failure ?? Nothing(found);
    }

    /// <inheritdoc/>
    protected override Reading<GatewayHealth> Read(SamplingPass sampling)
    {
        if (!sampling.Get<FoundGateways>().TryGet(out var found))
        {
            _found = null;
            return sampling.Get<FoundGateways>().Missing!;
        }

        if (sampling.Get<TcpSockets>().TryGet(out var sockets))
            _queues = [.. sockets.Listeners.Where(static listener => listener.Waiting > 0)];
        var isNew = _found is not { } before || !Asked(before).SequenceEqual(Asked(found));
        _found = found;
        if (!IsStarted)
            return base.Read(sampling);
        if (isNew)
            AskNow();
        return Asked(found).Any() ? base.Read(sampling) : Nothing(found);
    }

    /// <inheritdoc/>
    protected override Missing? Shortfall(GatewayHealth value) =>
        value.NoAnswer is { } reason ? new(Absence.Failed, reason) : null;

    /// <summary>A machine without a Gateway is no failure.</summary>
    protected override Missing? FailureFrom(Missing missing) =>
        missing.Outcome is Outcome.None or Outcome.NotAsked ? null : missing;

    async Task<Reading<GatewayHealth>> AskAsync(Uri address, CancellationToken stop)
    {
        var reading = await ClientFor(address).AskAsync(stop);
        if (reading.TryGet(out var health) && health.HasTimedOut)
            _silent.Add(address);
        else
            _silent.Remove(address);
        return reading;
    }

    /// <summary>
    /// Returns the accept queue of a Gateway that should not be asked; null where it can be. Each question to a Gateway
    /// that does not accept takes a place in its queue until it accepts again. A server asks until one question stays
    /// without an answer. A command does not know of earlier questions.
    /// </summary>
    Listener? CrowdedAt(Uri address)
    {
        foreach (var queue in _queues)
        {
            var isHalfFull = 2L * queue.Waiting >= queue.Capacity;
            if (queue.Port == address.Port && (_silent.Contains(address) || (!IsStarted && isHalfFull)))
                return queue;
        }

        return null;
    }

    static Reading<GatewayHealth> NotAsked(Uri address, Listener queue) =>
        new GatewayHealth(false, $"{address} was not checked: {queue.Waiting} connections wait for accept() there")
        {
            Port = queue.Port,
            IsCrowded = true,
        };

    static IEnumerable<string> Asked(FoundGateways found) =>
        found
            .Running.Select(static gateway => gateway.HealthAddress?.ToString())
            .Concat(found.Gone.Select(static gone => $"{gone.Address} gone"))
            .OfType<string>();

    static Missing Nothing(FoundGateways found) =>
        found.Running.FirstOrDefault() is { NotAsked: { } reason } gateway
            ? new(Absence.NotPresent, $"{gateway.Process}: {reason}")
            : new(Absence.NotPresent, "no OpenClaw Gateway answers on this machine");

    /// <summary>
    /// Returns true where the answer is a Gateway's. Where only a listener was found, it may belong to another program,
    /// which is no unhealthy Gateway.
    /// </summary>
    bool IsGateway(FoundGateway gateway, Uri address, GatewayHealth health)
    {
        if (gateway.Pid > 0)
            return true;
        if (health.Readiness is not null)
            _confirmed.Add(address);
        return _confirmed.Contains(address);
    }

    static GatewayHealth Named(GatewayHealth health, FoundGateway gateway) =>
        health.NoAnswer is { } reason ? health with { NoAnswer = $"{gateway.Process}: {reason}" } : health;

    GatewayClient ClientFor(Uri address)
    {
        if (!_clients.TryGetValue(address, out var client))
            _clients[address] = client = new(address, timeout, tokenFile);
        return client;
    }

    void Forget(FoundGateways found)
    {
        var kept = found.Running.Concat(found.Gone).Select(static gateway => gateway.HealthAddress).ToHashSet();
        foreach (var address in _clients.Keys.Where(address => !kept.Contains(address)).ToArray())
        {
            _clients.Remove(address, out var client);
            client!.Dispose();
            _confirmed.Remove(address);
            _silent.Remove(address);
        }
    }
}
