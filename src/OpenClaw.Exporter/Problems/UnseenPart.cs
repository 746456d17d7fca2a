using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Problems;

/// <summary>A part of the machine that could not be read.</summary>
/// <param name="What">The resources and readings, as a list in words.</param>
/// <param name="Why">The file or request, and its answer.</param>
/// <param name="Help">The capability or mount that would help; empty where none is known.</param>
/// <param name="IsPool">True where a resource of the catalogue is among them.</param>
sealed record UnseenPart(string What, string Why, string Help, bool IsPool)
{
    /// <summary>Returns the parts, those with a resource first. Parts with the same reason are one.</summary>
    public static ImmutableArray<UnseenPart> Collect(Diagnosis diagnosis)
    {
        var parts = diagnosis
            .Pools.Where(static state => state.Unread is not null)
            .Select(static state => (What: state.Pool.Label, Why: state.Unread!, state.Unread!.Reader, IsPool: true))
            .Concat(
                diagnosis
                    .Failures.Where(static failure => failure.Why.IsUnseen)
                    .Select(static failure =>
                        (What: Titles.From(failure.Name), failure.Why, Reader: failure.Name, IsPool: false)
                    )
            )
            .Concat(
                diagnosis.Snapshot.Fallbacks.Select(static one =>
                    (What: one.Fallback.Lost, one.Fallback.Why, Reader: Privileges.Programs, IsPool: false)
                )
            );
        var rows = parts
            .GroupBy(static part => part.Why.Detail)
            .Select(group => new UnseenPart(
                string.Join(", ", NamesOf(group.Select(static part => (part.What, part.IsPool)))),
                group.Key,
                HelpFor(group.First().Why, group.Select(static part => part.Reader)),
                group.Any(static part => part.IsPool)
            ));
        if (diagnosis.Snapshot.Scope is { IsWhole: false, Why: { } reason } scope)
        {
            rows = rows.Append(
                new UnseenPart(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{scope.Total - scope.Seen} of {scope.Total} network namespaces"
                    ),
                    reason.Detail,
                    HelpFor(reason, ["namespace_snapshots"]),
                    false
                )
            );
        }

        return [.. rows.OrderByDescending(static row => row.IsPool)];
    }

    /// <summary>Returns the resources where there are any; else the readings.</summary>
    static IEnumerable<string> NamesOf(IEnumerable<(string What, bool IsPool)> parts) =>
        parts.ToLookup(static part => part.IsPool, static part => part.What) is var byKind && byKind[true].Any()
            ? byKind[true]
            : byKind[false];

    static string HelpFor(Missing why, IEnumerable<string> readers) =>
        why.Reason switch
        {
            Absence.NotPermitted when why.IsFiltered => "a profile for seccomp or the security module that allows it",
            Absence.NotPermitted => readers
                .Select(Privileges.CapabilityOf)
                .FirstOrDefault(static capability => capability.Length > 0)
                ?? "root, or the user who owns it",
            Absence.TimedOut => "less load on the machine",
            Absence.Malformed => "a report in the issue tracker of the exporter",
            _ => "",
        };
}
