using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>The growth in the number of descriptors of the watched processes.</summary>
/// <param name="PerHourByPid">The growth in descriptors per hour, for each process that has been seen for at least two
/// minutes.</param>
public sealed record DescriptorGrowth(ImmutableDictionary<int, double> PerHourByPid);

/// <summary>Remembers the number of descriptors of the watched processes.</summary>
/// <param name="proc">The procfs with the processes.</param>
/// <param name="clock">The clock whose monotonic time dates the samples.</param>
sealed class DescriptorGrowthReader(ProcMount proc, TimeProvider clock)
    : Reader<DescriptorGrowth>("descriptor_growth", "/proc/PID/fd, over time")
{
    /// <summary>The limit on processes. Each takes six kilobytes.</summary>
    const int ProcessesAtMost = 100;

    /// <summary>
    /// The index of field 22 of the file, counted from the field after the name. The name itself may contain spaces and
    /// parentheses.
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

                // The old dictionary is discarded, together with the processes that ended.
                _trends = trends;
                return new DescriptorGrowth(growth.ToImmutable());
            });

    /// <summary>
    /// Returns the start time in /proc/PID/stat, which distinguishes a process from an earlier one with the same pid.
    /// Empty when it cannot be read.
    /// </summary>
    string StartOf(int pid) =>
        proc.ReadText($"{pid}/stat").TryGet(out var stat)
            ? stat[(stat.LastIndexOf(')') + 1)..]
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .ElementAtOrDefault(StartField)
                ?? ""
            : "";
}
