using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Remedies;

/// <summary>
/// A removal of ports from their bridge. It is one simple command, so that sudo, ip netns exec and nsenter can precede
/// it.
/// </summary>
/// <param name="Ports">The names of the ports, which can be written into a command unchanged.</param>
sealed record BridgePortRemoval(ImmutableArray<string> Ports) : Change(ChangeScope.Namespace)
{
    /// <summary>The name of the bridge; null where it cannot be written into a command unchanged.</summary>
    public string? Bridge { get; init; }

    /// <inheritdoc/>
    public override string Target => $"bridge {Bridge}";

    /// <inheritdoc/>
    public override string Before => BridgePortAddition.Words(Ports, "members");

    /// <inheritdoc/>
    public override string After => BridgePortAddition.Words(Ports, "removed");

    /// <inheritdoc/>
    public override BridgePortAddition? Inverse => Bridge is null ? null : new(Bridge, Ports);

    /// <inheritdoc/>
    public override string Command =>
        $"sh -c 'for port do ip link set dev \"$port\" nomaster; done' sh "
        + $"{string.Join(' ', Ports.Select(ShellWord.Quote))}";
}

/// <summary>An addition of ports to a bridge: the undo of their removal.</summary>
/// <param name="Bridge">The name of the bridge.</param>
/// <param name="Ports">The names of the ports.</param>
sealed record BridgePortAddition(string Bridge, ImmutableArray<string> Ports) : Change(ChangeScope.Namespace)
{
    /// <inheritdoc/>
    public override string Target => $"bridge {Bridge}";

    /// <inheritdoc/>
    public override string Before => Words(Ports, "removed");

    /// <inheritdoc/>
    public override string After => Words(Ports, "members");

    /// <inheritdoc/>
    public override BridgePortRemoval Inverse => new(Ports) { Bridge = Bridge };

    /// <inheritdoc/>
    public override string Command =>
        $"sh -c 'bridge=$1; shift; for port do ip link set dev \"$port\" master \"$bridge\"; done' sh "
        + $"{ShellWord.Quote(Bridge)} {string.Join(' ', Ports.Select(ShellWord.Quote))}";

    /// <summary>Returns the first ports, and a word for their state.</summary>
    public static string Words(ImmutableArray<string> ports, string state)
    {
        const int shown = 4;
        var more =
            ports.Length > shown
                ? string.Create(CultureInfo.InvariantCulture, $" and {ports.Length - shown} more")
                : "";
        return $"{string.Join(", ", ports.Take(shown))}{more} {state}";
    }
}
