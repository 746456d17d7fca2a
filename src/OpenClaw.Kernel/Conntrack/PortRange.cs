namespace OpenClaw.Kernel.Conntrack;

/// <summary>A range of ports, both ends included.</summary>
readonly record struct PortRange(int First, int Last)
{
    /// <summary>The number of ports.</summary>
    public int Count => Last - First + 1;

    /// <summary>Returns true where all ports between these two are in the range.</summary>
    public bool Contains(int lowest, int highest) => First <= lowest && highest <= Last;

    /// <summary>
    /// Returns the ports among which the kernel chooses without a rule. A port below 512 is replaced by a port below
    /// 512, and a port below 1024 by a port from 600 to 1023. Any other port is replaced by a port from 1024 on
    /// (nf_nat_l4proto_unique_tuple).
    /// </summary>
    public static PortRange OfKernel(int lowest, int highest) =>
        (lowest, highest) switch
        {
            (_, < 512) => new(1, 511),
            (>= 600, < 1024) => new(600, 1023),
            _ => new(1024, ushort.MaxValue),
        };
}
