using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>How fast the descriptors of the watched processes grow in number.</summary>
/// <param name="PerHourByPid">For each process that has been seen for at least two minutes: descriptors more per
/// hour.</param>
public sealed record DescriptorGrowth(ImmutableDictionary<int, double> PerHourByPid);

/// <summary>Remembers how many descriptors the watched processes had.</summary>
/// <param name="proc">The mount the processes are in.</param>
/// <param name="clock">Whose monotonic time the samples have.</param>
sealed class DescriptorGrowthReader(ProcMount proc, TimeProvider clock)
    : Reader<DescriptorGrowth>("descriptor_growth", "/proc/PID/fd, over time")
{
    /// <summary>Six kilobytes each.</summary>
    const int ProcessesAtMost = 100;

    /// <summary>
    /// Field 22 of the file, counted from the one behind the name, which may itself contain spaces and parentheses.
    /// </summary>
    const int StartField = 22 - 3;

    readonly long _start = clock.GetTimestamp();
    Dictionary<(int Pid, string Start), Trend> _trends = [];

    public override ImmutableArray<Type> Needs { get; init; } = [typeof(ProcessTable)];

    protected override Reading<DescriptorGrowth> Read(SamplingPass sampling) =>
        sampling
            .Get<ProcessTable>()
            .Select(table =>
            {
                var now = clock.GetElapsedTime(_start);
                var trends = new Dictionary<(int Pid, string Start), Trend>();
                var growth = ImmutableDictionary.CreateBuilder<int, double>();
                foreach (
                    var process in table.Processes.Where(static process => process.IsWatched).Take(ProcessesAtMost)
                )
                {
                    if (!process.Open.TryGet(out var open))
                        continue;
                    var key = (process.Pid, StartOf(process.Pid));
                    var trend = trends[key] = _trends.GetValueOrDefault(key) ?? new();
                    trend.Add(now, open);
                    if (trend.PerHour is { } perHour)
                        growth[process.Pid] = perHour;
                }

                // Those that ended are forgotten with the old dictionary.
                _trends = trends;
                return new DescriptorGrowth(growth.ToImmutable());
            });

    /// <summary>
    /// The start time in /proc/PID/stat, by which a process is told from one that had its pid before; empty when it
    /// cannot be read.
    /// </summary>
    string StartOf(int pid) =>
        proc.ReadText($"{pid}/stat").TryGet(out var stat)
            ? stat[(stat.LastIndexOf(')') + 1)..]
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .ElementAtOrDefault(StartField)
                ?? ""
            : "";
}
