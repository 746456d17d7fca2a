using System.Collections.Immutable;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Conntrack;

/// <summary>A protocol whose source ports are translated, by its number.</summary>
public enum TranslatedProtocol
{
    /// <summary>TCP.</summary>
    Tcp = 6,

    /// <summary>UDP.</summary>
    Udp = 17,
}

/// <summary>The source of the limit of a <see cref="TranslatedPortGroup"/>.</summary>
public enum PortLimitSource
{
    /// <summary>The range of ports of a rule of nf_tables.</summary>
    Rule,

    /// <summary>The block of ports that is in use, because no rule with a range could be read.</summary>
    Block,

    /// <summary>The ports that the kernel takes where no rule limits them (nf_nat_l4proto_unique_tuple).</summary>
    Kernel,
}

/// <summary>
/// The source ports of one translated address towards one remote address and port. Only connections whose address or
/// port was changed count. A connection that leaves the same address unchanged takes a port as well, and is not seen.
/// </summary>
/// <param name="Protocol">The protocol.</param>
/// <param name="Address">The source address after the translation.</param>
/// <param name="Remote">The remote address.</param>
/// <param name="RemotePort">The remote port.</param>
/// <param name="Used">The number of source ports in use.</param>
/// <param name="Lowest">The lowest port in use.</param>
/// <param name="Highest">The highest port in use.</param>
public sealed record TranslatedPortGroup(
    TranslatedProtocol Protocol,
    SocketAddress Address,
    SocketAddress Remote,
    int RemotePort,
    int Used,
    int Lowest,
    int Highest
)
{
    /// <summary>The number of connections whose source port was changed.</summary>
    public int Changed { get; init; }

    /// <summary>The number of ports that the translation can use.</summary>
    public required int Limit { get; init; }

    /// <summary>The source of the limit.</summary>
    public required PortLimitSource LimitSource { get; init; }

    /// <summary>The sources before the translation that have most of the connections, the first one most.</summary>
    public ImmutableArray<TrackedSource> Sources { get; init; } = [];

    /// <summary>The used share of the limit.</summary>
    internal double Fill => (double)Used / Limit;
}

/// <summary>
/// The use of source ports by address translation (SNAT, masquerade) in one network namespace. It is read only while
/// connections fail to enter the table, or the table is above half of its maximum.
/// </summary>
/// <param name="Groups">The fullest groups, the fullest first.</param>
/// <param name="Uncounted">Connections that were left out, because there were too many groups to count.</param>
public sealed record TranslatedPorts(ImmutableArray<TranslatedPortGroup> Groups, long Uncounted)
{
    /// <summary>The number of groups that are kept.</summary>
    public const int AtMost = 10;

    /// <summary>The reason why some connections were not counted; null where all were.</summary>
    internal Missing? Shortfall =>
        Uncounted == 0
            ? null
            : new(
                Absence.Failed,
                $"not counted: {Counted.Format(Uncounted, "translated connections")}, because there are more than "
                    + $"{TranslatedPortFold.GroupsAtMost} pairs of address and remote"
            );
}
