using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Status;

namespace OpenClaw.Exporter.Cli.Top;

/// <summary>The utilisations of the last minute, one for each level and look. They draw the sparklines.</summary>
sealed class UtilizationTrace
{
    const int LooksAtMost = 60;

    Dictionary<string, List<double>> _levels = [];

    /// <summary>Returns the utilisations of a level, 0 to 1, the oldest first; none where it is new.</summary>
    public IReadOnlyList<double> Find(PoolDocument level) =>
        _levels.TryGetValue(NameOf(level), out var found) ? found : [];

    /// <summary>Adds a look. The first one of an exporter brings the minute before it along.</summary>
    public void Add(Look look)
    {
        if (!look.Diagnosis.TryGet(out var diagnosis))
            return;
        if (look.Earlier is { } earlier && _levels.Count == 0)
            Begin(earlier.Utilizations, diagnosis.Time);
        Add(diagnosis);
    }

    /// <summary>Takes the last minute of a history: for each second, the last sample until then.</summary>
    void Begin(SamplesDocument samples, DateTimeOffset now)
    {
        var seconds = Enumerable
            .Range(1, LooksAtMost - 1)
            .Reverse()
            .Select(second => samples.Times.Count(time => time <= now.AddSeconds(-second)) - 1)
            .Where(static sample => sample >= 0)
            .ToList();
        foreach (var series in samples.Series)
            _levels[string.Join('\0', series.Name)] = [.. seconds.Select(series.NumberIn).OfType<double>()];
    }

    /// <summary>Adds a diagnosis. A level that vanished is forgotten.</summary>
    void Add(DiagnosisDocument look)
    {
        var levels = new Dictionary<string, List<double>>();
        foreach (var level in look.Pools)
        {
            if (level.Utilization is not { } utilization || !double.IsFinite(utilization))
                continue;
            var name = NameOf(level);
            var ratios = _levels.GetValueOrDefault(name) ?? [];
            ratios.Add(utilization);
            if (ratios.Count > LooksAtMost)
                ratios.RemoveAt(0);
            levels[name] = ratios;
        }

        _levels = levels;
    }

    /// <summary>Returns the name of a level, as the history has it: processes of one name are told apart.</summary>
    static string NameOf(PoolDocument level)
    {
        var labels = PoolCatalogue.All.FirstOrDefault(pool => pool.Name == level.Pool)?.Labels ?? [];
        return string.Join(
            '\0',
            [level.Pool, level.Netns, .. labels.Select(label => level.Labels.GetValueOrDefault(label)), $"{level.Pid}"]
        );
    }
}
