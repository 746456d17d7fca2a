using System.Collections.Immutable;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Links;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The pool of ports of each bridge.</summary>
static class BridgePortPool
{
    /// <summary>The utilisation from which the condition is a warning.</summary>
    public const double WarningRatio = 0.8;

    public const int AtMost = 3;

    /// <summary>
    /// The limit on ports in a command. A person can still read as many, and fewer suffice to get below critical.
    /// </summary>
    const int NamesAtMost = 64;

    /// <summary>Reads one level for each of the fullest bridges.</summary>
    public static Reading<ImmutableArray<PoolLevel>> Read(NamespaceView view) =>
        view.Get<NetworkInterfaces>()
            .Select(static interfaces =>
                ImmutableArray.CreateRange(
                    interfaces
                        .Bridges.OrderByDescending(static bridge => bridge.Ports)
                        .ThenBy(static bridge => bridge.Bridge.Name, StringComparer.Ordinal)
                        .Take(AtMost)
                        .Select(static bridge => new PoolLevel(
                            bridge.Ports,
                            NetworkInterfaces.BridgePortLimit,
                            new BridgeSubject(bridge.Bridge)
                        ))
                )
            );

    /// <summary>
    /// Returns a command that removes ports that are down from the bridge, until it is below its warning. Without such
    /// ports, there is no command.
    /// </summary>
    public static Remedy Remedy(NamespaceView view, PoolLevel level)
    {
        const string second = "spread containers over a second bridge (ip link add BRIDGE2 type bridge)";
        var bridge = ((BridgeSubject)level.About).Bridge;
        var unused = view.Get<NetworkInterfaces>().TryGet(out var interfaces) ? Unused(interfaces, bridge) : [];
        if (unused.IsEmpty)
            return new($"The kernel has a fixed limit, and no port is known to be unused: {second}.");

        var warning = level.Thresholds?.Warning ?? WarningRatio;
        var tooMany = (int)(level.Used - Math.Ceiling(NetworkInterfaces.BridgePortLimit * warning)) + 1;
        ImmutableArray<string> taken = [.. unused.Take(Math.Clamp(tooMany, 1, NamesAtMost))];
        var down =
            $"The kernel has a fixed limit. Down now: {Counted.Format(unused.Length, "ports")}. "
            + $"Remove the unused ones from the bridge, or {second}.";
        return new(down, new BridgePortRemoval(taken) { Bridge = bridge.HasEscapedName ? null : bridge.Name })
        {
            Warning =
                $"The command removes {Counted.Format(taken.Length, "ports")}. "
                + "A container that starts behind one of them later has no network until it is "
                + "added again: "
                + $"ip link set dev PORT master {(bridge.HasEscapedName ? "BRIDGE" : ShellWord.Quote(bridge.Name))}.",
        };
    }

    /// <summary>
    /// Returns the names of ports that are down and probably unused: only ends of containers and virtual machines. A
    /// hardware port is skipped, with the interfaces above it, because its cable may be plugged in again. Names that
    /// cannot be written into a command unchanged are skipped, too.
    /// </summary>
    static ImmutableArray<string> Unused(NetworkInterfaces interfaces, NetworkInterface bridge) =>
        [
            .. interfaces
                .All.Where(link => link.Master == bridge.Index && link.IsDown && (link.IsVeth || link.IsTun))
                .Where(static link => !link.HasEscapedName && VisibleText.IsPlain(link.Name))
                .Select(static link => link.Name)
                .Order(StringComparer.Ordinal),
        ];
}
