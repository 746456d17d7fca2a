using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;

namespace OpenClaw.Exporter.Verification;

/// <summary>
/// Follows all pools and symptoms of a network namespace and of the machine: how full they became, what was refused,
/// and what crept.
/// </summary>
sealed class PoolWatch
{
    /// <summary>The least samples of each third for a judgement.</summary>
    const int LeastSamples = 3;

    /// <summary>The part of a limit by which a level may rise without creeping.</summary>
    const double Margin = 0.01;

    readonly Dictionary<string, Followed> _levels = [];
    readonly List<string> _before = [];
    readonly Dictionary<string, Finding> _criticalBefore = [];
    readonly List<string> _refusals = [];
    readonly SortedDictionary<string, string> _unseen = new(StringComparer.Ordinal);
    int _samples;

    /// <summary>The level that came closest to its critical threshold; null before the first sample.</summary>
    public Finding? Closest { get; private set; }

    /// <summary>
    /// The first level that reached its critical threshold since the first sample; null while none has. A level that
    /// connections take from counts in the first sample, too: nothing is free for a test then.
    /// </summary>
    public Finding? Critical { get; private set; }

    /// <summary>The other levels that were critical in the first sample.</summary>
    public ImmutableArray<Finding> CriticalBefore => [.. _criticalBefore.Values];

    /// <summary>The parts that could not be read in some sample, each with the reason.</summary>
    public ImmutableArray<string> Unseen => [.. _unseen.Select(static part => $"{part.Key}: {part.Value}")];

    /// <summary>
    /// True where a pool that connections take from could not be read. Nobody knows then how much is free.
    /// </summary>
    public bool IsBlind { get; private set; }

    /// <summary>The failures that began since the first sample, in words.</summary>
    public ImmutableArray<string> Refusals => [.. _refusals];

    /// <summary>Adds a sample.</summary>
    public void Add(Diagnosis diagnosis)
    {
        _samples++;
        foreach (var part in UnseenPart.Collect(diagnosis))
            _ = _unseen.TryAdd(part.What, part.Why);
        IsBlind |= diagnosis.Pools.Any(static state => state.Unread is not null && state.Pool.IsOfConnections);
        foreach (var finding in diagnosis.Findings.Where(finding => Concerns(finding, diagnosis)))
        {
            if (finding.Level.Utilization is not { } utilization)
                continue;
            if (_samples == 1 && finding is { Condition: PoolCondition.Critical, Pool.IsOfConnections: false })
                _criticalBefore.Add(KeyOf(finding), finding);
            if (!_criticalBefore.ContainsKey(KeyOf(finding)))
            {
                if (Closest is null || Nearness(finding) > Nearness(Closest))
                    Closest = finding;
                if (finding.Condition == PoolCondition.Critical)
                    Critical ??= finding;
            }

            if (!_levels.TryGetValue(KeyOf(finding), out var followed))
                _levels.Add(KeyOf(finding), followed = new(finding, _samples));
            followed.Add(_samples, finding.Level.Used);
        }

        foreach (var symptom in diagnosis.Symptoms)
        {
            if (symptom is not { Phase: Phase.Failing, Condition: >= PoolCondition.Warning })
                continue;
            var isHere = symptom.Netns.Length == 0 || symptom.Netns == diagnosis.Primary.Name;
            if (_samples == 1)
            {
                _before.Add(symptom.Symptom.Name);
            }
            else if (isHere && !_before.Contains(symptom.Symptom.Name))
            {
                // Each failure once, with the first amount.
                _before.Add(symptom.Symptom.Name);
                _refusals.Add(Verdicts.Failure(symptom));
            }
        }
    }

    /// <summary>
    /// Returns the levels that crept, in words: the lowest use of the last third is above the highest one of the first
    /// third. So a rhythm within the time of the watch is none. Null where the samples do not suffice.
    /// </summary>
    public ImmutableArray<string>? Creep()
    {
        var third = _samples / 3;
        if (third < LeastSamples)
            return null;
        var creeping = ImmutableArray.CreateBuilder<string>();
        foreach (var followed in _levels.Values)
        {
            if (followed.RiseBetween(third, _samples - third, LeastSamples) is not { } rise)
                continue;
            if (rise > MarginOf(followed.Finding))
                creeping.Add(Words(followed.Finding, rise, followed.Last));
        }

        return creeping.ToImmutable();
    }

    /// <summary>Returns the levels that are higher than at the first sample, in words.</summary>
    /// <param name="after">The diagnosis after a test has closed all that it opened.</param>
    public ImmutableArray<string> Remaining(Diagnosis after)
    {
        var remaining = ImmutableArray.CreateBuilder<string>();
        foreach (var finding in after.Findings)
        {
            if (!Concerns(finding, after) || !_levels.TryGetValue(KeyOf(finding), out var followed))
                continue;
            var rise = finding.Level.Used - followed.First;
            if (followed.Since == 1 && rise > MarginOf(finding))
                remaining.Add(Words(finding, rise, finding.Level.Used));
        }

        return remaining.ToImmutable();
    }

    /// <summary>Returns true for a level of the tested network namespace or of the machine.</summary>
    public static bool Concerns(Finding finding, Diagnosis diagnosis) =>
        finding.Level.Netns.Length == 0 || finding.Level.Netns == diagnosis.Primary.Name;

    static double Nearness(Finding finding) =>
        finding.Level.Utilization!.Value / finding.Pool.ThresholdsOf(finding.Level).Critical;

    static string Words(Finding finding, double rise, double used)
    {
        var place = Verdicts.Place(finding.Level);
        return string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{finding.Pool.Title}{(place.Length > 0 ? $" ({place})" : "")} by {rise:N0} to {used:N0}"
        );
    }

    static string KeyOf(Finding finding) =>
        string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{finding.Pool.Name} {finding.Level.Netns} {finding.Level.Subject} {finding.Level.Pid}"
        );

    static double MarginOf(Finding finding) => Math.Max(Margin * (finding.Level.Limit ?? 0), 1);

    /// <summary>A level with its use in each sample.</summary>
    /// <param name="finding">Its first reading.</param>
    /// <param name="since">The number of the first sample that has it, from 1.</param>
    sealed class Followed(Finding finding, int since)
    {
        readonly List<double> _used = [];

        public Finding Finding => finding;

        public int Since => since;

        public double First => _used[0];

        public double Last => _used[^1];

        /// <summary>Adds the use in a sample. A level that was gone meanwhile keeps its last use.</summary>
        public void Add(int number, double used)
        {
            while (_used.Count < number - since)
                _used.Add(Last);
            _used.Add(used);
        }

        /// <summary>
        /// Returns the difference of the lowest use after a sample and the highest until an earlier one; null where the
        /// level has too few samples.
        /// </summary>
        public double? RiseBetween(int until, int after, int least)
        {
            var early = _used.GetRange(0, Math.Clamp(until - since + 1, 0, _used.Count));
            var start = Math.Clamp(after - since + 1, 0, _used.Count);
            var late = _used.GetRange(start, _used.Count - start);
            return early.Count < least || late.Count < least ? null : late.Min() - early.Max();
        }
    }
}
