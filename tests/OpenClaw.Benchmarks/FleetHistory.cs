using System.Globalization;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Alerts;

namespace OpenClaw.Benchmarks;

/// <summary>
/// A simulated day of many machines in Prometheus. Each machine exports the page of a real exporter, with as many
/// destinations, processes and listeners as it lists at most. Some machines exhaust a pool.
/// </summary>
sealed partial class FleetHistory
{
    /// <summary>1 % per hour.</summary>
    const double LeakPerSecond = 0.01 / 3600;

    /// <summary>
    /// The interval of the samples. It is wider than a usual scrape interval, since promtool reads each sample as a
    /// line.
    /// </summary>
    public static readonly TimeSpan Step = TimeSpan.FromMinutes(5);

    /// <summary>The last part of the day, which the rules evaluate. Its samples have the usual interval.</summary>
    public static readonly TimeSpan Recent = TimeSpan.FromMinutes(20);

    public static readonly TimeSpan RecentStep = TimeSpan.FromSeconds(30);

    /// <summary>The evaluation interval of the rules.</summary>
    public static readonly TimeSpan Round = TimeSpan.FromSeconds(15);

    /// <summary>The range of the floor that the rules record, and the interval of its samples.</summary>
    static readonly TimeSpan Floor = TimeSpan.FromHours(1);
    static readonly TimeSpan FloorStep = TimeSpan.FromMinutes(15);

    const string Prefix = "openclaw_network_";
    const string Orphans = "orphan_sockets";

    /// <summary>
    /// The number of machines for each that exhausts a pool in the last hours. A machine among <see
    /// cref="WarningEach"/> comes near.
    /// </summary>
    const int CriticalEach = 50;
    const int WarningEach = 20;

    /// <summary>The number of machines for each on which a pool leaks for days.</summary>
    const int LeakEach = 50;

    /// <summary>
    /// The number of machines for each that counts errors below the alert's limit and has a sysctl set by hand.
    /// </summary>
    const int SymptomEach = 10;

    /// <summary>
    /// The metrics that change over time or differ between machines. All other metrics that the rules and dashboard use
    /// are copied from the page, equal on all machines.
    /// </summary>
    static readonly string[] Simulated =
    [
        Prefix + "pool_utilization_ratio",
        RecordedNames.Filled,
        Prefix + "pool_exceeded_ratio",
        Prefix + "condition",
        Prefix + "clw_errors_total",
        Prefix + "failing_seconds",
        Prefix + "sysctl_reverts",
    ];

    /// <summary>The series that a machine exports only after a configuration or an event.</summary>
    static readonly string[] Configured = [Prefix + "restart_pending{service=\"gateway\"} 0"];

    /// <summary>The number of subjects that a pool lists; 1 for pools that are not here.</summary>
    static readonly Dictionary<string, int> Subjects = new()
    {
        ["ephemeral_connect_ports"] = 11,
        ["process_file_descriptors"] = 12,
        ["accept_queue_connections"] = 10,
        ["bridge_ports"] = 3,
        ["daemon_connections"] = 3,
    };

    readonly List<string> _same = [];
    readonly List<(string Pool, string Code)> _pools = [];
    readonly Dictionary<(string Pool, string Severity), double> _thresholds = [];
    readonly int _machines;
    readonly long _end;

    /// <param name="page">The metrics page of an exporter.</param>
    /// <param name="machines">The number of machines.</param>
    /// <param name="end">Unix time of the last sample.</param>
    public FleetHistory(string page, int machines, long end)
    {
        (_machines, _end) = (machines, end);
        var asked = MetricName()
            .Matches(
                string.Join(
                    '\n',
                    Dashboard
                        .All["openclaw-fleet"]
                        .Queries.Select(static query => query.Expression)
                        .Prepend(Repository.Rules)
                )
            )
            .Select(static match => match.Value)
            .Except(Simulated)
            .ToHashSet();

        // The simulated machine has one network namespace: the one with the probe. Others on the page belong to tests
        // that start and end meanwhile.
        var own = page.Split('\n')
            .First(static line => line.StartsWith(Prefix + "probe_success{", StringComparison.Ordinal))
            .Split("netns=\"")[1]
            .Split('"')[0];
        foreach (
            var line in page.Split('\n')
                .Concat(Configured)
                .Where(line =>
                    !line.Contains("netns=\"", StringComparison.Ordinal)
                    || line.Contains($"netns=\"{own}\"", StringComparison.Ordinal)
                    || line.Contains("netns=\"\"", StringComparison.Ordinal)
                )
                .Select(line => line.Replace($"netns=\"{own}\"", "netns=\"host\"", StringComparison.Ordinal))
                .DistinctBy(static line => line.Split("} ")[0])
        )
        {
            if (asked.Contains(MetricName().Match(line).Value) && !line.StartsWith('#'))
                _same.Add(line);
            if (line.StartsWith($"{Prefix}pool_info{{", StringComparison.Ordinal))
                _pools.Add((line.Split('"')[1], line.Split('"')[3]));
            if (line.StartsWith($"{Prefix}pool_threshold_ratio{{", StringComparison.Ordinal))
                _thresholds[(line.Split('"')[1], line.Split('"')[3])] = ValueOf(line);
        }
    }

    /// <summary>The number of series of each machine.</summary>
    public int SeriesEach => _same.Count + Utilizations.Count() + 3 * Codes.Count() + 1;

    IEnumerable<string> Codes => _pools.Select(static pool => pool.Code).Distinct();

    IEnumerable<(string Pool, int Subject)> Utilizations =>
        _pools.SelectMany(static pool =>
            Enumerable.Range(0, Subjects.GetValueOrDefault(pool.Pool, 1)).Select(subject => (pool.Pool, subject))
        );

    /// <summary>The address of a machine's exporter.</summary>
    public static string InstanceOf(int machine) => $"machine-{machine:0000}:10087";

    /// <summary>Writes the samples of a part of the day as OpenMetrics.</summary>
    public void Write(TextWriter output, long from, long to)
    {
        // The samples of all parts lie on one grid that ends at _end.
        List<long> Times(TimeSpan step, long from) =>
            [
                .. Enumerable
                    .Range(0, int.MaxValue)
                    .Select(i => from + (_end - from) % (long)step.TotalSeconds + i * (long)step.TotalSeconds)
                    .TakeWhile(time => time < to && time <= _end),
            ];
        long LastOf(TimeSpan part) => Math.Max(from, _end - (long)part.TotalSeconds);
        var scraped = Times(Step, from)
            .Where(time => time < LastOf(Recent))
            .Concat(Times(RecentStep, LastOf(Recent)))
            .ToList();
        var floors = Times(FloorStep, from);
        for (var machine = 0; machine < _machines; machine++)
        {
            var labels = $",instance=\"{InstanceOf(machine)}\",job=\"openclaw-exporter\"}} ";
            foreach (var (series, value) in Exported(machine))
            {
                WriteSeries(
                    output,
                    series.EndsWith('}') ? series[..^1] + labels : $"{series}{{{labels[1..]}",
                    scraped,
                    value
                );
            }

            WriteSeries(output, "up{" + labels[1..], scraped, _ => machine == _machines - 1 ? 0 : 1);

            // The rules' own recordings of the past: they would otherwise start with this run.
            foreach (var (pool, code, subject, value) in Levels(machine))
            {
                WriteSeries(
                    output,
                    $"{RecordedNames.Floor}{{pool=\"{pool}\",code=\"{code}\",netns=\"host\"{subject}{labels}",
                    floors,
                    time => Filled(pool, Math.Min(value(time), value(time - (long)Floor.TotalSeconds)))
                );
            }
        }

        output.Write("# EOF\n");
    }

    /// <summary>The metrics page of a machine at a Unix time, for Prometheus to scrape.</summary>
    public string PageAt(int machine, long time) =>
        string.Concat(
            Exported(machine)
                .Select(series => series.ValueAt(time) is { } value ? $"{series.Name} {Number(value)}\n" : "")
        );

    /// <summary>
    /// Computes the filled ratio as the exporter does: the share of the level at which the pool is exhausted, null
    /// below 0.5.
    /// </summary>
    static double? Filled(string pool, double level)
    {
        var end = pool == Orphans ? 0.5 : 1;
        return Math.Min(level / end, 1) is >= 0.5 and var filled ? filled : null;
    }

    IEnumerable<(string Name, Func<long, double?> ValueAt)> Exported(int machine)
    {
        foreach (var line in _same)
            yield return (line[..line.LastIndexOf(' ')], _ => ValueOf(line));
        foreach (var (pool, code, subject, value) in Levels(machine))
        {
            var labels = $"pool=\"{pool}\",netns=\"host\"{subject}";
            double? Exceeded(string severity, string above, long time) =>
                value(time) is var level
                && level >= _thresholds[(pool, severity)]
                && !(level >= _thresholds.GetValueOrDefault((pool, above), 2))
                    ? level
                    : null;
            yield return ($"{Prefix}pool_utilization_ratio{{{labels}}}", time => value(time));
            yield return ($"{Prefix}pool_filled_ratio{{{labels},code=\"{code}\"}}", time => Filled(pool, value(time)));
            yield return ($"{Prefix}pool_exceeded_ratio{{{labels},code=\"{code}\",severity=\"warning\"}}", time =>
                Exceeded("warning", "critical", time)
            );
            yield return ($"{Prefix}pool_exceeded_ratio{{{labels},code=\"{code}\",severity=\"critical\"}}", time =>
                Exceeded("critical", "", time)
            );
        }

        var (sick, level) = TroubleOf(machine);
        foreach (var code in Codes)
        {
            bool Is(string severity, long time) =>
                code == sick.Code && level(time) >= _thresholds[(sick.Pool, severity)];
            foreach (var severity in new[] { "warning", "critical" })
            {
                yield return ($"{Prefix}condition{{code=\"{code}\",severity=\"{severity}\"}}", time =>
                    Is(severity, time) ? 1 : 0
                );
            }

            yield return ($"{Prefix}clw_errors_total{{code=\"{code}\"}}", time =>
                Is("critical", time) ? (time - _end + 86400) / 60 : 0
            );
        }

        string Failing(string alert, string code, string pool, string severity) =>
            $"{Prefix}failing_seconds{{alarm=\"{alert}\",netns=\"host\",code=\"{code}\","
            + $"pool=\"{pool}\",severity=\"{severity}\"}}";
        if (sick.Pool is not null)
        {
            foreach (var alert in new[] { "conntrack_drops", "listen_drops", "errors_reported" })
            {
                yield return (Failing(alert, sick.Code, sick.Pool, "critical"), time =>
                    level(time) >= _thresholds[(sick.Pool, "critical")] ? 300 : null
                );
            }
        }

        if (machine % SymptomEach != 3)
            yield break;
        yield return ($"{Prefix}sysctl_reverts{{key=\"net.netfilter.nf_conntrack_max\"}}", static _ => 1);
        yield return (Failing("udp_buffer_errors", "clw-resource-limit", "udp_memory_bytes", "warning"), static _ =>
            30
        );
    }

    IEnumerable<(string Pool, string Code, string Subject, Func<long, double> ValueAt)> Levels(int machine)
    {
        var (sick, level) = TroubleOf(machine);
        foreach (var (pool, subject) in Utilizations)
        {
            // Most pools of most machines are nearly empty. The third power leaves one in five between 0.25 and 0.5.
            var quiet = 0.5 * Math.Pow(new Random(machine * 1000 + subject + pool.Length).NextDouble(), 3);
            var scale = pool == Orphans ? 0.3 : 1;
            yield return (
                pool,
                _pools.First(one => one.Pool == pool).Code,
                Subjects.ContainsKey(pool) ? $",subject=\"10.0.{subject}.7:8443\"" : "",
                time =>
                    pool == sick.Pool && subject == 0
                        ? level(time)
                        : quiet * (1 + 0.2 * Math.Sin(time / 7200.0 + subject)) * scale
            );
        }
    }

    /// <summary>
    /// The exhausted or leaking pool of a machine with its utilization over time; for most machines none.
    /// </summary>
    ((string Pool, string Code) Pool, Func<long, double> Level) TroubleOf(int machine)
    {
        var sick = _pools[machine / CriticalEach % _pools.Count];
        double Ramp(long time, double to) =>
            to * Math.Clamp(1 - (_end - time - 60 * (machine % 300)) / 20_000.0, 0.1, 1);
        if (machine % CriticalEach == 0)
            return (sick, time => Ramp(time, 1));
        if (machine % LeakEach == 2)
            return (sick, time => Math.Max(0.8 - (_end - time) * LeakPerSecond, 0));
        if (machine % WarningEach != 1)
            return (default, static _ => 0);
        var between = (_thresholds[(sick.Pool, "warning")] + _thresholds[(sick.Pool, "critical")]) / 2;
        return (sick, time => Ramp(time, between));
    }

    static double ValueOf(string line) => double.Parse(line[line.LastIndexOf(' ')..], CultureInfo.InvariantCulture);

    static string Number(double value) => value.ToString("G13", CultureInfo.InvariantCulture);

    static void WriteSeries(TextWriter output, string series, List<long> times, Func<long, double?> valueAt)
    {
        foreach (var time in times)
        {
            if (valueAt(time) is not { } value)
                continue;
            output.Write(series);
            output.Write(Number(value));
            output.Write(' ');
            output.Write(time.ToString(CultureInfo.InvariantCulture));
            output.Write('\n');
        }
    }

    [GeneratedRegex("openclaw_network_[a-z0-9_]+")]
    internal static partial Regex MetricName();
}
