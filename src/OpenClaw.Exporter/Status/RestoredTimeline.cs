using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.History;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Status;

/// <summary>
/// The timeline of a document, in the names of another process on the same machine. A namespace, symptom or alert that
/// this process does not know has no history. All words come from the catalogue, because any user could serve the
/// document.
/// </summary>
sealed class RestoredTimeline
{
    /// <summary>The greatest age of a sample. The timeline itself keeps less.</summary>
    static readonly TimeSpan AgeAtMost = TimeSpan.FromHours(1);

    static readonly ImmutableDictionary<string, Symptom> SymptomsByName = SymptomCatalogue.All.ToImmutableDictionary(
        static symptom => symptom.Name
    );

    readonly TimelineDocument _document;
    readonly DateTimeOffset _now;
    readonly string _own;

    /// <summary>The names of the namespaces that have a history; the empty name of the machine is one.</summary>
    readonly ImmutableHashSet<string> _known;

    RestoredTimeline(TimelineDocument document, Snapshot snapshot)
    {
        (_document, _now, _own) = (document, snapshot.Time, snapshot.Own.Name);
        _known = [.. snapshot.Namespaces.Select(static view => view.Name), ""];
    }

    /// <summary>
    /// Returns the timeline that a snapshot can be judged with; missing where the document is about another place.
    /// </summary>
    public static Reading<Timeline> From(TimelineDocument document, Snapshot snapshot) =>
        From(document, snapshot, TimelineOrigin.From(snapshot));

    /// <summary>Returns the timeline for a snapshot from this place.</summary>
    internal static Reading<Timeline> From(TimelineDocument document, Snapshot snapshot, TimelineOrigin? place) =>
        place switch
        {
            null => Other("cannot read the boot id or the own network namespace"),
            var here when here.BootId != document.BootId => Other("it runs on another machine"),
            var here when here.NetnsInode != document.NetnsInode => Other("it runs in another network namespace"),
            _ => new RestoredTimeline(document, snapshot).Restore(),
        };

    static Missing Other(string why) => new(Absence.NotPresent, why);

    Timeline Restore() =>
        Timeline.Restore(
            Samples(_document.Symptoms, SymptomOf, CountedHere()),
            Samples(_document.Utilizations, UtilizationOf),
            [
                .. _document
                    .Failures.Select(FailureOf)
                    .OfType<RecentFailure>()
                    .DistinctBy(static failure => (failure.Alert.Name, failure.Alert.Code, failure.Netns)),
            ]
        );

    /// <summary>
    /// Returns the names of refused calls that this process counts itself, because the server does not. It begins with
    /// 0.
    /// </summary>
    ImmutableArray<(SymptomName, double)> CountedHere() =>
        _document.RefusedConnects is null
            ?
            [
                .. _known.Select(static netns =>
                    (new SymptomName(new(RefusedConnectSymptom.Total, netns), null), SymptomName.Read)
                ),
            ]
            : [];

    IEnumerable<(DateTimeOffset, IEnumerable<(TName, double)>)> Samples<TName>(
        SamplesDocument samples,
        Func<ImmutableArray<string>, IEnumerable<TName>> namesOf,
        params ImmutableArray<(TName Name, double Number)> always
    )
    {
        var series = samples
            .Series.Where(static series => series is { Name.IsEmpty: false } && !series.Name.Contains(null!))
            .SelectMany(series => namesOf(series.Name).Select(name => (Name: name, Series: series)))
            .ToList();
        return from sample in samples.Times.Index()
            where IsRecent(sample.Item)
            select (
                sample.Item,
                (
                    from one in series
                    let number = one.Series.NumberIn(sample.Index)
                    where number is { } value && double.IsFinite(value)
                    select (one.Name, number.Value)
                ).Concat(always)
            );
    }

    /// <summary>Returns the name of a symptom's value; none where it is unknown here.</summary>
    IEnumerable<SymptomName> SymptomOf(ImmutableArray<string> parts)
    {
        if (
            parts.Length < 2
            || !SymptomsByName.TryGetValue(parts[0], out var symptom)
            || (symptom == RefusedConnectSymptom.Total && _document.RefusedConnects is null)
            || NetnsOf(parts[1]) is not { } netns
        )
        {
            return [];
        }

        var source = new SymptomSource(symptom, netns);
        if (parts.Length == 2)
            return [new(source, null)];

        // The kernel's messages have the namespace among their labels.
        var labels = parts[2..];
        var named = symptom.Labels.IndexOf("netns");
        if (named >= 0 && named < labels.Length && labels[named] == _document.Netns)
            labels = labels.SetItem(named, _own);
        return [new(source, string.Join('\0', labels))];
    }

    /// <summary>Returns the name of a pool's or level's utilisation; none where its namespace is unknown
    /// here.</summary>
    IEnumerable<string> UtilizationOf(ImmutableArray<string> parts)
    {
        if (parts.Length == 1)
            return parts;
        return NetnsOf(parts[1]) is { } netns ? [string.Join('\0', parts.SetItem(1, netns))] : [];
    }

    RecentFailure? FailureOf(FailureDocument failure)
    {
        if (failure is null || NetnsOf(failure.Netns) is not { } netns)
            return null;
        var times = failure.Times.Where(IsRecent).Order().ToImmutableArray();
        return !times.IsEmpty && KnownAlerts.Find(failure.Alert, failure.Code, failure.Advice) is { } alert
            ? new(alert, netns, [.. failure.Symptoms.OfType<string>()], times)
            : null;
    }

    /// <summary>Returns this process' name of a namespace; null where it does not look at it.</summary>
    string? NetnsOf(string name)
    {
        var here = name == _document.Netns ? _own : name;
        return _known.Contains(here) ? here : null;
    }

    bool IsRecent(DateTimeOffset time) => time <= _now && _now - time <= AgeAtMost;
}
