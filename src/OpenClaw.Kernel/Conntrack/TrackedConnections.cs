using System.Collections.Immutable;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Conntrack;

/// <summary>
/// The entries of connection tracking in one network namespace, by their ends and states. They are counted only while
/// connections fail to enter the table, or the table is above half of its maximum.
/// </summary>
/// <param name="Entries">The number of entries.</param>
/// <param name="Sources">The addresses that opened most of them, the first one most.</param>
/// <param name="Destinations">The destinations that most of them were opened to, the first one most.</param>
/// <param name="States">The entries by protocol and state, the most frequent first.</param>
/// <param name="Translated">The source ports of address translation.</param>
public sealed record TrackedConnections(
    long Entries,
    ImmutableArray<TrackedSource> Sources,
    ImmutableArray<TrackedDestination> Destinations,
    ImmutableArray<TrackedState> States,
    TranslatedPorts Translated
) : IPerNamespace
{
    /// <summary>The number of sources and of destinations that are kept.</summary>
    public const int AtMost = 5;

    /// <summary>The reason why connections were not counted: nothing suggests that something runs out.</summary>
    public static Missing NothingFails { get; } =
        new(
            Absence.NotAsked,
            "tracked connections are counted only while some fail to enter the table, or above half of its maximum"
        );

    /// <summary>The reason why connections were not counted: nobody knows whether something runs out.</summary>
    public static Missing FailuresUnknown { get; } =
        new(Absence.NotAsked, "the failures of connection tracking are unknown, so connections are not counted");
}

/// <summary>An address that opened tracked connections.</summary>
/// <param name="Address">The address, before any translation.</param>
/// <param name="Entries">The number of connections.</param>
public sealed record TrackedSource(SocketAddress Address, long Entries);

/// <summary>A destination of tracked connections.</summary>
/// <param name="Protocol">The number of the protocol, such as 6 for TCP.</param>
/// <param name="Address">The address, before any translation.</param>
/// <param name="Port">The port; 0 for a protocol without ports.</param>
/// <param name="Entries">The number of connections.</param>
public sealed record TrackedDestination(byte Protocol, SocketAddress Address, int Port, long Entries);

/// <summary>The tracked connections of one protocol in one state.</summary>
/// <param name="Protocol">The number of the protocol.</param>
/// <param name="Name">The state as conntrack(8) prints it, such as "SYN_SENT"; without one, "UNREPLIED" or
/// "REPLIED".</param>
/// <param name="Entries">The number of connections.</param>
public sealed record TrackedState(byte Protocol, string Name, long Entries);
