using System.Collections.Immutable;
using System.CommandLine;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Gateway;

/// <summary>
/// The readers of OpenClaw itself, besides those of the kernel. A Gateway that runs here is found; a flag names another
/// one, or turns a reader off.
/// </summary>
static class RuntimeReaders
{
    /// <summary>
    /// The limit on the time of the status command. OpenClaw's own takes two seconds, and ten on a busy machine.
    /// </summary>
    static readonly TimeSpan StatusTimeout = TimeSpan.FromSeconds(30);

    static readonly TimeSpan HealthInterval = TimeSpan.FromSeconds(10);
    static readonly TimeSpan HealthTimeout = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The patience with a reader that limits its own time. A Gateway that hangs is then known to hang, also to a
    /// command, which asks within the snapshot.
    /// </summary>
    static readonly TimeSpan Forever = TimeSpan.MaxValue;

    /// <summary>Returns the port of the Gateway that the flags name; none where they name none.</summary>
    public static IEnumerable<ushort> PortsOf(ParseResult flags) =>
        Uri.TryCreate(flags.GetValue(ExporterFlags.HealthUrl), UriKind.Absolute, out var address)
            ? [(ushort)address.Port]
            : [];

    /// <summary>Returns the readers that the flags request. The caller has to start them.</summary>
    /// <param name="flags">The flags.</param>
    /// <param name="ports">The list that gets the ports of Gateways that are found; null for none.</param>
    public static ImmutableArray<Reader> Create(ParseResult flags, ServicePortList? ports = null)
    {
        var readers = ImmutableArray.CreateBuilder<Reader>();
        var log = flags.GetRequiredValue(ExporterFlags.OpenClawLog);
        var health = flags.GetRequiredValue(ExporterFlags.HealthUrl);
        var token = flags.GetRequiredValue(ExporterFlags.TokenFile);
        var proc = new ProcMount(flags.GetRequiredValue(ExporterFlags.ProcPath));
        if (IsAuto(log) || IsAuto(health))
        {
            var root = flags.GetRequiredValue(ExporterFlags.RootPath);
            readers.Add(new GatewayDiscovery(proc, TimeProvider.System, root, ports));
        }

        if (IsAuto(log))
            readers.Add(new FoundLogReader(TimeProvider.System));
        else if (IsGiven(log))
            readers.Add(new ClwLogReader(log, TimeProvider.System));
        if (flags.GetRequiredValue(ExporterFlags.StatusCommand) is { IsEmpty: false } command)
        {
            readers.Add(
                new RuntimeStatusReader(command, flags.GetRequiredValue(ExporterFlags.StatusInterval), StatusTimeout)
            );
        }

        if (IsAuto(health))
        {
            readers.Add(
                new FoundGatewayHealthReader(proc, HealthInterval, HealthTimeout, token) { Patience = Forever }
            );
        }
        else if (IsGiven(health))
        {
            var address = new Uri(health);
            readers.Add(new GatewayHealthReader(address, HealthInterval, HealthTimeout, token) { Patience = Forever });
        }

        return readers.ToImmutable();
    }

    static bool IsAuto(string value) => value == ExporterFlags.Auto;

    static bool IsGiven(string value) => value.Length > 0 && value != ExporterFlags.Off;
}
