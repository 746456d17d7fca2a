using System.Collections.Immutable;
using System.Net.Sockets;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Gateway;

/// <summary>
/// Asks the Gateways that were found for their health, at an interval and only at their loopback addresses. A Gateway
/// in another network namespace is asked in there, where that namespace is read. A Gateway that ended counts as
/// unhealthy until it is no longer expected.
/// </summary>
/// <param name="proc">The procfs.</param>
/// <param name="interval">The time between two questions.</param>
/// <param name="timeout">The limit on the time of one answer.</param>
/// <param name="tokenFile">The file with the token; empty for none.</param>
sealed class FoundGatewayHealthReader(ProcMount proc, TimeSpan interval, TimeSpan timeout, string tokenFile)
    : PolledReader<GatewayHealth>("openclaw_gateway", "/healthz and /readyz of the Gateways that run here", interval)
{
    readonly GatewayPlaces _places = new();
    readonly Dictionary<GatewayTarget, GatewayClient> _clients = [];

    /// <summary>The addresses that once answered as a Gateway does.</summary>
    readonly HashSet<GatewayTarget> _confirmed = [];

    /// <summary>The addresses that did not answer the last question in time.</summary>
    readonly HashSet<GatewayTarget> _silent = [];

    volatile FoundGateways? _found;
    string? _asked;

    /// <inheritdoc/>
    public override ImmutableArray<Type> Needs { get; init; } =
    [typeof(FoundGateways), typeof(TcpSockets), typeof(NamespaceSnapshots)];

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
        foreach (var (gateway, target) in _places.Targets(found))
        {
            var reading = CrowdedAt(target) is { } queue ? NotAsked(target, queue) : await AskAsync(target, stop);
            failure ??= reading.Missing;
            if (reading.TryGet(out var health) && IsGateway(gateway, target, health))
                answers.Add(Named(health with { Netns = target.Netns }, gateway));
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

        _places.Note(sampling);
        var asked = string.Join('\n', Asked(found));
        var isNew = _asked != asked;
        (_found, _asked) = (found, asked);
        if (!IsStarted)
            return base.Read(sampling);
        if (isNew)
            AskNow();
        return asked.Length > 0 ? base.Read(sampling) : Nothing(found);
    }

    /// <inheritdoc/>
    protected override Missing? Shortfall(GatewayHealth value) =>
        value.NoAnswer is { } reason ? new(Absence.Failed, reason) : null;

    /// <summary>A machine without a Gateway is no failure.</summary>
    protected override Missing? FailureFrom(Missing missing) =>
        missing.Outcome is Outcome.None or Outcome.NotAsked ? null : missing;

    async Task<Reading<GatewayHealth>> AskAsync(GatewayTarget target, CancellationToken stop)
    {
        var reading = await ClientFor(target).AskAsync(stop);
        if (reading.TryGet(out var health) && health.HasTimedOut)
            _silent.Add(target);
        else
            _silent.Remove(target);
        return reading;
    }

    /// <summary>
    /// Returns the accept queue of a Gateway that should not be asked; null where it can be. Each question to a Gateway
    /// that does not accept takes a place in its queue until it accepts again. A server asks until one question stays
    /// without an answer. A command does not know of earlier questions.
    /// </summary>
    Listener? CrowdedAt(GatewayTarget target)
    {
        foreach (var queue in _places.QueuesOf(target))
        {
            var isHalfFull = 2L * queue.Waiting >= queue.Capacity;
            if (_silent.Contains(target) || (!IsStarted && isHalfFull))
                return queue;
        }

        return null;
    }

    static Reading<GatewayHealth> NotAsked(GatewayTarget target, Listener queue) =>
        new GatewayHealth(
            false,
            $"{target.Address} was not checked: {Counted.Format(queue.Waiting, "connections")} in its accept queue"
        )
        {
            Port = queue.Port,
            IsCrowded = true,
        };

    IEnumerable<string> Asked(FoundGateways found) =>
        _places
            .Targets(found)
            .Select(static one => $"{one.Target}")
            .Concat(found.Gone.Select(static gone => $"{gone.Address} gone"));

    static Missing Nothing(FoundGateways found) =>
        found.Running.FirstOrDefault() is { NotAsked: { } reason } gateway
            ? new(Absence.NotPresent, $"{gateway.Process}: {reason}")
            : new(Absence.NotPresent, "no OpenClaw Gateway answers on this machine");

    /// <summary>
    /// Returns true where the answer is a Gateway's. Where only a listener was found, it may belong to another program,
    /// which is no unhealthy Gateway.
    /// </summary>
    bool IsGateway(FoundGateway gateway, GatewayTarget target, GatewayHealth health)
    {
        if (gateway.Pid > 0)
            return true;
        if (health.Readiness is not null)
            _confirmed.Add(target);
        return _confirmed.Contains(target);
    }

    static GatewayHealth Named(GatewayHealth health, FoundGateway gateway) =>
        health.NoAnswer is { } reason ? health with { NoAnswer = $"{gateway.Process}: {reason}" } : health;

    /// <summary>
    /// Returns the client for an address. Any user of a container can start a process with the name of the Gateway, so
    /// no token is sent to another network namespace.
    /// </summary>
    GatewayClient ClientFor(GatewayTarget target)
    {
        if (_clients.TryGetValue(target, out var client))
            return client;
        client =
            target.Netns.Length == 0
                ? new(target.Address, timeout, tokenFile)
                : new(target.Address, timeout, open: Open);
        return _clients[target] = client;

        Reading<Socket> Open(AddressFamily family) =>
            _places.Find(target.Netns) is { } netns
                ? NamespaceSocket.OpenTcp(proc, target.Pid, netns, family)
                : new Missing(Absence.Gone, $"network namespace {target.Netns} is gone");
    }

    void Forget(FoundGateways found)
    {
        var kept = _places
            .Targets(found)
            .Select(static one => one.Target)
            .Concat(
                from gone in found.Gone
                where gone.HealthAddress is not null
                select new GatewayTarget(gone.HealthAddress!, "", 0)
            )
            .ToHashSet();
        foreach (var target in _clients.Keys.Where(target => !kept.Contains(target)).ToArray())
        {
            _clients.Remove(target, out var client);
            client!.Dispose();
            _confirmed.Remove(target);
            _silent.Remove(target);
        }
    }
}
