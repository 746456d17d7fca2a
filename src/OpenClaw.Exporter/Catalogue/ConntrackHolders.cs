using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Ports;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>Finds who fills connection tracking: no process holds its entries, so their ends are named.</summary>
static class ConntrackHolders
{
    /// <summary>
    /// Returns the sources of most connections. Where those have many sources, as in a flood, it returns their
    /// destinations.
    /// </summary>
    public static LevelHolders OfEntries(NamespaceView view)
    {
        var reading = view.Get<TrackedConnections>();
        if (!reading.TryGet(out var tracked))
            return LevelHolders.None with { Shortfall = reading.Missing is { IsUnseen: true } why ? why : null };
        var sources = tracked.Sources.Select(source => From(view, source)).ToImmutableArray();
        var destinations = tracked
            .Destinations.Select(destination => new Holder(
                $"connections to {WordsOf(destination)}",
                destination.Entries
            )
            {
                IsPlural = true,
            })
            .ToImmutableArray();
        var ofSource = sources is [var first, ..] ? first.Count : 0;
        var ofDestination = destinations is [var most, ..] ? most.Count : 0;
        var areSpread = ofDestination > 2 * ofSource;
        var others = areSpread ? sources : destinations;
        ImmutableArray<string> notes = others is [var other, ..]
            ? [Part(other, Math.Max(ofSource, ofDestination))]
            : [];
        return new(areSpread ? destinations : sources) { Notes = [.. notes, .. StatesOf(tracked)] };
    }

    /// <summary>Returns the part of the connections that the first of the others has, in words.</summary>
    static string Part(Holder other, double all) =>
        2 * other.Count > all
            ? string.Create(CultureInfo.InvariantCulture, $"most of them, {other.Count:N0}, are {other.Name}")
            : string.Create(CultureInfo.InvariantCulture, $"at most {other.Count:N0} of them are {other.Name}");

    /// <summary>Returns the sources that use most ports of a translated address, before the translation.</summary>
    public static LevelHolders OfSourcePorts(NamespaceView view, PoolLevel level) =>
        level.About is TranslationSubject { Group: var group }
            ? new([.. group.Sources.Select(source => From(view, source))])
            : LevelHolders.None;

    static Holder From(NamespaceView view, TrackedSource source) =>
        PoolHolders.AtAddress(view, $"connections from {source.Address}", source.Address, source.Entries) with
        {
            IsPlural = true,
        };

    static string WordsOf(TrackedDestination destination)
    {
        var end =
            destination.Port > 0
                ? new Destination(destination.Address, (ushort)destination.Port).ToString()
                : destination.Address.ToString();
        return $"{end} ({ProtocolOf(destination.Protocol)})";
    }

    /// <summary>Returns the most frequent state, in words.</summary>
    static ImmutableArray<string> StatesOf(TrackedConnections tracked) =>
        tracked.States is [var most, ..]
            ?
            [
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{most.Entries:N0} of {tracked.Entries:N0} are {ProtocolOf(most.Protocol)} in {most.Name}"
                ),
            ]
            : [];

    static string ProtocolOf(byte protocol) =>
        protocol switch
        {
            1 or 58 => "ICMP",
            6 => "TCP",
            17 => "UDP",
            132 => "SCTP",
            _ => string.Create(CultureInfo.InvariantCulture, $"protocol {protocol}"),
        };
}
