using System.Collections.Immutable;

namespace OpenClaw.Exporter.Gateway;

/// <summary>The OpenClaw error codes of exhausted network resources.</summary>
static class ClwCodes
{
    public const string NetworkExhausted = "clw-network-exhausted";
    public const string PortConflict = "clw-port-conflict";
    public const string ConnectionTimeout = "clw-connection-timeout";
    public const string ResourceLimit = "clw-resource-limit";

    public static ImmutableArray<string> All { get; } =
    [NetworkExhausted, PortConflict, ConnectionTimeout, ResourceLimit];

    /// <summary>
    /// Returns the codes that OpenClaw may report when a resource with <paramref name="code"/> is exhausted, this code
    /// first.
    /// </summary>
    public static ImmutableArray<string> ShownBy(string code) =>
        code switch
        {
            // "Address already in use" although no process listens: the ports are exhausted.
            NetworkExhausted => [NetworkExhausted, PortConflict, ResourceLimit],
            PortConflict => [PortConflict, NetworkExhausted, ResourceLimit],

            // A full table drops packets silently.
            ConnectionTimeout => [ConnectionTimeout, NetworkExhausted, ResourceLimit],
            _ => [code, NetworkExhausted],
        };
}
