using System.Collections.Immutable;

namespace OpenClaw.Exporter.Gateway;

/// <summary>The OpenClaw error codes that an exhausted network resource shows as.</summary>
static class ClwCodes
{
    public const string NetworkExhausted = "clw-network-exhausted";
    public const string PortConflict = "clw-port-conflict";
    public const string ConnectionTimeout = "clw-connection-timeout";
    public const string ResourceLimit = "clw-resource-limit";

    public static ImmutableArray<string> All { get; } =
    [NetworkExhausted, PortConflict, ConnectionTimeout, ResourceLimit];

    /// <summary>
    /// The codes that OpenClaw may report when what stands behind <paramref name="code"/> is exhausted, itself first.
    /// </summary>
    public static ImmutableArray<string> ShownBy(string code) =>
        code switch
        {
            // "Address already in use", though nobody listens: the ports ran out.
            NetworkExhausted => [NetworkExhausted, PortConflict, ResourceLimit],
            PortConflict => [PortConflict, NetworkExhausted, ResourceLimit],

            // A full table drops packets without a word.
            ConnectionTimeout => [ConnectionTimeout, NetworkExhausted, ResourceLimit],
            _ => [code, NetworkExhausted],
        };
}
