using System.Collections.Immutable;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Neighbours;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The pool and the symptom of the neighbour tables.</summary>
static class NeighbourPool
{
    public static Reading<ImmutableArray<PoolLevel>> Read(NamespaceView view) =>
        view.Get<NeighbourTables>()
            .Select(static tables =>
                ImmutableArray.CreateRange(
                    Tables(tables)
                        .Select(static entry =>
                            PoolLevel.From(
                                entry.Table.Limited,
                                entry.Table.Maximum.Select(static maximum => (long?)maximum),
                                new FamilySubject(entry.Family)
                            )
                        )
                )
            );

    /// <summary>Returns the interfaces with most entries.</summary>
    public static LevelHolders Holders(NamespaceView view, PoolLevel level)
    {
        if (
            !view.Get<NeighbourTables>().TryGet(out var tables)
            || Tables(tables).FirstOrDefault(table => table.Family == level.Labels[0]).Table is not { } table
            || table.Interfaces.IsEmpty
        )
        {
            return LevelHolders.None;
        }

        var known = table.Interfaces.Select(static link => new Holder(
            link.Netns.Length > 0
                ? $"interface {link.Name} of network namespace {link.Netns}"
                : $"interface {link.Name}",
            link.Entries
        ));
        return MachineHolders.WithOthers(
            new([.. known]),
            level.Used - table.Interfaces.Sum(static link => (double)link.Entries),
            "on other interfaces, or in network namespaces that were not read"
        );
    }

    /// <summary>Returns the reason why the table of one family is missing although the other was read.</summary>
    public static Missing? Shortfall(NamespaceView view) =>
        view.Get<NeighbourTables>().TryGet(out var tables)
            ? new[] { tables.IPv4.Missing, tables.IPv6.Missing }.FirstOrDefault(static missing =>
                missing is { Outcome: Outcome.Unseen or Outcome.NotAsked }
            )
            : null;

    /// <summary>Reads the number of times that each table was full.</summary>
    public static Reading<ImmutableArray<SymptomLevel>> TableFulls(NamespaceView view) =>
        view.Get<NeighbourTables>()
            .Select(static tables =>
                ImmutableArray.CreateRange(
                    from entry in Tables(tables)
                    where entry.Table.TableFulls.Missing is null
                    select new SymptomLevel(entry.Table.TableFulls.Value, entry.Family)
                )
            );

    static IEnumerable<(string Family, NeighbourTable Table)> Tables(NeighbourTables tables)
    {
        if (tables.IPv4.TryGet(out var ipv4))
            yield return ("ipv4", ipv4);
        if (tables.IPv6.TryGet(out var ipv6))
            yield return ("ipv6", ipv6);
    }
}
