using System.Collections.Immutable;
using System.CommandLine;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Gateway;

/// <summary>
/// The readers of OpenClaw itself, besides those of the kernel. Each exists only where a flag requests it.
/// </summary>
static class RuntimeReaders
{
    static readonly TimeSpan StatusTimeout = TimeSpan.FromSeconds(10);
    static readonly TimeSpan HealthInterval = TimeSpan.FromSeconds(10);
    static readonly TimeSpan HealthTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Returns the port of the Gateway that the flags name; none where they name none.</summary>
    public static IEnumerable<ushort> PortsOf(ParseResult flags) =>
        flags.GetValue(ExporterFlags.HealthUrl) is { Length: > 0 } address ? [(ushort)new Uri(address).Port] : [];

    /// <summary>Returns the readers that the flags request. The caller has to start them.</summary>
    public static ImmutableArray<Reader> Create(ParseResult flags)
    {
        var readers = ImmutableArray.CreateBuilder<Reader>();
        if (flags.GetRequiredValue(ExporterFlags.OpenClawLog) is { Length: > 0 } log)
            readers.Add(new ClwLogReader(log, TimeProvider.System));
        if (flags.GetRequiredValue(ExporterFlags.StatusCommand) is { IsEmpty: false } command)
        {
            readers.Add(
                new RuntimeStatusReader(command, flags.GetRequiredValue(ExporterFlags.StatusInterval), StatusTimeout)
            );
        }

        if (flags.GetValue(ExporterFlags.HealthUrl) is { Length: > 0 } address)
            readers.Add(new GatewayHealthReader(new(address), HealthInterval, HealthTimeout));
        return readers.ToImmutable();
    }
}
