using OpenClaw.Kernel.Ports;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>
/// A wider range of ephemeral ports. Ports that belong to a service are reserved, so that the kernel assigns none of
/// them.
/// </summary>
/// <param name="First">The lower end of ip_local_port_range.</param>
/// <param name="Last">The upper end, inclusive. The range has an even size, because an odd one loses a port.</param>
/// <param name="Reserved">ip_local_reserved_ports: the present ones, and the services' ports inside the range.</param>
sealed record WiderPortRange(ushort First, ushort Last, PortSet Reserved)
{
    /// <summary>The port below which the range does not grow: many services listen there.</summary>
    public const ushort LowestSensible = 10240;

    /// <summary>
    /// The spacing of lower ends, an even number. With few possible ends, neighbouring moments propose the same range.
    /// </summary>
    const int Step = 4096;

    /// <summary>The number of ports that the kernel may assign.</summary>
    public int Usable => Last - First + 1 - Reserved.CountBetween(First, Last);

    /// <summary>
    /// Returns a range with more usable ports than now; null when there is none. Upwards comes first, because few
    /// services have ports there. Downwards follows where the upper end gives too little room.
    /// </summary>
    /// <param name="settings">The present range and reserved ports.</param>
    /// <param name="used">The highest number of ports in use by one kind of call.</param>
    /// <param name="owned">The ports of services.</param>
    /// <param name="thresholds">The thresholds that the use of the new range is compared with.</param>
    public static WiderPortRange? Compute(
        EphemeralPortSettings settings,
        int used,
        PortSet owned,
        Thresholds thresholds
    )
    {
        var now = settings.UsableCount();
        var up = Upwards(settings, owned);
        if (up?.Usable > now && used < thresholds.Critical * up.Usable)
            return up;
        WiderPortRange? down = null;
        foreach (var first in LowerEnds(settings.First))
        {
            down = Create(settings, first, ushort.MaxValue, owned);
            if (down.Usable > now && used < thresholds.Warning * down.Usable)
                break;
        }

        var widest = down?.Usable > (up?.Usable ?? 0) ? down : up;
        return widest?.Usable > now ? widest : null;
    }

    static WiderPortRange? Upwards(EphemeralPortSettings settings, PortSet owned)
    {
        var last = (ushort)(settings.First % 2 == 0 ? ushort.MaxValue : ushort.MaxValue - 1);
        return last > settings.Last ? Create(settings, settings.First, last, owned) : null;
    }

    static IEnumerable<ushort> LowerEnds(ushort present)
    {
        for (var first = (present - 1) / Step * Step; first > LowestSensible; first -= Step)
            yield return (ushort)first;
        if (present > LowestSensible)
            yield return LowestSensible;
    }

    static WiderPortRange Create(EphemeralPortSettings settings, ushort first, ushort last, PortSet owned)
    {
        var reserved = new PortSet();
        reserved.Add(settings.Reserved);
        for (int port = first; port <= last; port++)
        {
            // A range that begins low and ends low would grow over the low ports in between.
            var isLow = port > settings.Last && port < LowestSensible;
            if (isLow || owned.Contains((ushort)port))
                reserved.Add((ushort)port);
        }

        return new(first, last, reserved);
    }
}
