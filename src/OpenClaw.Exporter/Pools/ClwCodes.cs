using System.Collections.Immutable;

namespace OpenClaw.Exporter.Pools;

/// <summary>The OpenClaw error codes that an exhausted network resource shows as.</summary>
static class ClwCodes
{
    public const string NetworkExhausted = "clw-network-exhausted";
    public const string PortConflict = "clw-port-conflict";
    public const string ConnectionTimeout = "clw-connection-timeout";
    public const string ResourceLimit = "clw-resource-limit";

    public static ImmutableArray<string> All { get; } = [NetworkExhausted, PortConflict, ConnectionTimeout, ResourceLimit];
}
