using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Gateway;

/// <summary>The words for the Gateways in a snapshot.</summary>
static class GatewayWords
{
    /// <summary>Returns the version of OpenClaw: that of its status, else that on the page of its Gateway.</summary>
    public static string? Version(Snapshot snapshot)
    {
        if (snapshot.Get<RuntimeStatus>().TryGet(out var status) && status.Version is { } version)
            return version;
        return snapshot.Get<GatewayHealth>().TryGet(out var health) && health.Version is { Length: > 0 } shown
            ? shown
            : null;
    }

    /// <summary>
    /// Returns a line for each Gateway that runs or lately ended, with how it was found and how it is. Empty on a
    /// machine without one.
    /// </summary>
    public static ImmutableArray<string> Describe(Snapshot snapshot)
    {
        if (!snapshot.Get<FoundGateways>().TryGet(out var found))
            return [];
        var health = snapshot.Get<GatewayHealth>().TryGet(out var read) ? read : null;
        var noLog = snapshot.Get<ClwErrors>().Missing is { Outcome: Outcome.None } missing ? missing.Detail : "";
        return
        [
            .. found
                .Running.Select(gateway => gateway with { HasNoLog = IsAbout(noLog, gateway) })
                .Select(gateway => Describe(gateway, Find(health, gateway)))
                .OfType<string>(),
            .. SandboxesOf(found),
            .. found.Gone.Select(gone =>
                $"{gone.Process}, {gone.Address}, ended {Durations.Format(gone.GoneFor!.Value)} ago"
            ),
        ];
    }

    static bool IsAbout(string noLog, FoundGateway gateway) =>
        gateway.Log.Length > 0 && noLog.StartsWith(gateway.Log, StringComparison.Ordinal);

    /// <summary>Returns the state of a Gateway in words.</summary>
    public static string State(GatewayHealth health)
    {
        if (health.NoAnswer is { } reason)
            return health.HasTimedOut ? "does not answer" : reason;
        if (!health.IsHealthy)
            return "not healthy";
        if (health.Readiness is not { } readiness)
            return "healthy";
        if (!readiness.IsReady)
            return readiness.Failing.IsEmpty ? "not ready" : $"not ready: {string.Join(", ", readiness.Failing)}";
        return readiness.IsSlow
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"ready, but its event loop is delayed by {(readiness.DelaySeconds ?? 0) * 1000:0} ms"
            )
            : "ready";
    }

    /// <summary>
    /// Returns why connections wait in the accept queue of the Gateway, as a sentence with a space after it. Empty
    /// where its event loop is not late, or another program has the port.
    /// </summary>
    /// <param name="health">The health of the Gateways.</param>
    /// <param name="view">The network namespace of the listener.</param>
    /// <param name="port">The port of the listener.</param>
    public static string CauseOfQueue(GatewayHealth health, NamespaceView view, int port)
    {
        if (Matching(health, view.IsOwn ? "" : view.Name, port) is not { IsSlow: true } slow)
            return "";
        if (slow.HasTimedOut)
            return "The Gateway does not accept because it hangs or is stopped: its health check does not answer. ";
        if (slow.IsCrowded)
            return "The Gateway does not accept: it hangs or is stopped, or its event loop is busy. ";
        return slow.Readiness is { DelaySeconds: { } delay }
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"The Gateway accepts too slowly because its event loop is delayed by {delay * 1000:0} ms. "
            )
            : "The Gateway accepts too slowly because its event loop is busy. ";
    }

    /// <summary>Returns a line with the sandboxes and the processes in each; none without sandboxes.</summary>
    static IEnumerable<string> SandboxesOf(FoundGateways found)
    {
        const int namesAtMost = 5;
        if (found.Sandboxes is not [var first, ..] all)
            return [];
        var names = all.Take(namesAtMost)
            .Select(static sandbox => $"{sandbox.Name} with {Counted.Format(sandbox.Processes.Length, "processes")}");
        var more = all.Length > namesAtMost ? ", …" : "";
        return [$"{Counted.Format(all.Length, "sandboxes")} of {first.Gateway}: {string.Join(", ", names)}{more}"];
    }

    /// <summary>Returns the line of a Gateway; null where another program listens at its port.</summary>
    static string? Describe(FoundGateway gateway, GatewayHealth? health)
    {
        if (health is null && gateway.Pid == 0)
            return null;
        var state = health is null ? "" : VisibleText.Escape(State(health)) + "; ";
        return state
            + gateway.Describe(health?.Version is { Length: > 0 } version ? version : null, health is not null);
    }

    static GatewayHealth? Find(GatewayHealth? health, FoundGateway gateway)
    {
        if (health is null || gateway.Address is not { } address || gateway is { IsHere: false, Netns: "" })
            return null;
        return Matching(health, gateway.IsHere == false ? gateway.Netns : "", address.Port);
    }

    static GatewayHealth? Matching(GatewayHealth health, string netns, int port) =>
        (health.Each.IsEmpty ? [health] : health.Each).FirstOrDefault(one => one.Port == port && one.Netns == netns);
}
