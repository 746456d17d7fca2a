using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>
/// The thresholds that an operator set: of a pool, and of subjects of a pool. All others are those of the catalogue.
/// </summary>
sealed class PoolThresholds
{
    const string Warning = "warning";
    const string Critical = "critical";
    const string Expected = "more than 0% and at most 100%, such as 60% or 0.6";

    readonly Dictionary<Pool, Thresholds> _pools;
    readonly Dictionary<Pool, ImmutableArray<(Regex Subject, Thresholds Thresholds)>> _subjects;

    PoolThresholds(
        Dictionary<Pool, Thresholds> pools,
        Dictionary<Pool, ImmutableArray<(Regex, Thresholds)>> subjects
    ) => (_pools, _subjects) = (pools, subjects);

    /// <summary>The thresholds of the catalogue.</summary>
    public static PoolThresholds Standard { get; } = new([], []);

    /// <summary>Reads the thresholds of a flag or file, below the names of the pools.</summary>
    /// <param name="settings">The mapping; null for none.</param>
    /// <exception cref="SettingException">A pool, key, value or regular expression is invalid.</exception>
    public static PoolThresholds Parse(Settings? settings)
    {
        if (settings is null or { Entries.Count: 0 })
            return Standard;
        var pools = new Dictionary<Pool, Thresholds>();
        var subjects = new Dictionary<Pool, ImmutableArray<(Regex, Thresholds)>>();
        try
        {
            foreach (var (name, key, value) in settings.Entries)
            {
                var pool = PoolCatalogue.All.FirstOrDefault(pool => pool.Name == name)
                    ?? throw settings.Unknown(key, name, PoolCatalogue.All.Select(static pool => pool.Name));
                var below = settings.Below(value);
                pools[pool] = ParseOne(below, pool, pool.Thresholds);
                subjects[pool] = ParseSubjects(below, pool, pools[pool]);
                below.RefuseOthers();
            }
        }
        catch (SettingException error) when (settings.File == ExporterFlags.Pools.Name)
        {
            throw new SettingException(error.Message) { Fault = SettingFault.Usage };
        }

        return new(pools, subjects);
    }

    /// <summary>Returns the thresholds of a pool, for every subject without thresholds of its own.</summary>
    public Thresholds ForPool(Pool pool) => _pools.GetValueOrDefault(pool) ?? pool.Thresholds;

    /// <summary>Returns the thresholds that were set for a level; null where they are those of the catalogue.</summary>
    public Thresholds? ForLevel(Pool pool, PoolLevel level)
    {
        if (!_pools.TryGetValue(pool, out var whole))
            return null;
        return OfSubject(pool, level) ?? whole;
    }

    /// <summary>Returns the lowest warning of a pool, that of any subject.</summary>
    public double LowestWarning(Pool pool) =>
        _subjects
            .GetValueOrDefault(pool, [])
            .Select(static one => one.Thresholds.Warning)
            .Append(ForPool(pool).Warning)
            .Min();

    /// <summary>Returns the thresholds that were set for the subject of a level; null where none were.</summary>
    Thresholds? OfSubject(Pool pool, PoolLevel level)
    {
        if (!_subjects.TryGetValue(pool, out var all) || all.IsEmpty)
            return null;
        var subject = level.Subject.Length > 0 ? level.Subject : string.Join(' ', level.Labels);
        return all.FirstOrDefault(one => one.Subject.IsMatch(subject)).Thresholds;
    }

    static ImmutableArray<(Regex, Thresholds)> ParseSubjects(Settings settings, Pool pool, Thresholds whole)
    {
        if (settings.Section("subjects") is not { } section)
            return [];
        if (pool.Labels.IsEmpty)
            throw settings.Wrong("subjects", $"expected no subjects: {pool.Name} has none");
        var subjects = ImmutableArray.CreateBuilder<(Regex, Thresholds)>();
        foreach (var (pattern, key, value) in section.Entries)
        {
            // Anchored, as Prometheus matches labels.
            var (valid, expression) = FlagKinds.Expression.Parse($@"\A(?:{pattern})\z");
            if (!valid)
                throw section.Expected(key, "a regular expression without look-around and back-references");
            var below = section.Below(value);
            subjects.Add((expression, ParseOne(below, pool, whole)));
            below.RefuseOthers();
        }

        return subjects.ToImmutable();
    }

    static Thresholds ParseOne(Settings settings, Pool pool, Thresholds standard)
    {
        var thresholds = new Thresholds(
            settings.Value(Warning, standard.Warning, ParseRatio, Expected),
            settings.Value(Critical, standard.Critical, ParseRatio, Expected)
        );
        if (thresholds.Warning > thresholds.Critical)
        {
            throw settings.Wrong(
                settings.Text(Warning) is null ? Critical : Warning,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"expected a warning of {pool.Name} not above critical, found {thresholds.Warning:0.##%} and "
                        + $"{thresholds.Critical:0.##%}"
                )
            );
        }

        if (thresholds.Critical > pool.EndRatio)
        {
            throw settings.Wrong(
                Critical,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"expected at most {pool.EndRatio:0.##%} for critical, where {pool.Name} is exhausted"
                )
            );
        }

        return thresholds;
    }

    static (bool, double) ParseRatio(string text)
    {
        var isPercent = text.EndsWith('%');
        var valid = double.TryParse(
            isPercent ? text[..^1] : text,
            NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture,
            out var number
        );
        var ratio = isPercent ? number / 100 : number;
        return (valid && ratio is > 0 and <= 1, ratio);
    }
}
