using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>The growth in the number of descriptors of the watched processes.</summary>
/// <param name="PerHourByPid">The growth in descriptors per hour, for each process that has been seen for at least two
/// minutes.</param>
public sealed record DescriptorGrowth(IReadOnlyDictionary<int, double> PerHourByPid)
{
    /// <summary>The shortest time over which a growth is computed.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMinutes(2);

    /// <summary>The longest time over which a growth is computed.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromHours(1);
}

/// <summary>Remembers the number of descriptors of the watched processes.</summary>
/// <param name="proc">The procfs with the processes.</param>
/// <param name="clock">The clock whose monotonic time dates the samples.</param>
sealed class DescriptorGrowthReader(ProcMount proc, TimeProvider clock)
    : Reader<DescriptorGrowth>("descriptor_growth", "/proc/PID/fd, over time")
{
    const int ProcessesAtMost = 100;

    /// <summary>The bounds of the samples. Each process takes three kilobytes.</summary>
    internal static readonly RingBounds Bounds = new(DescriptorGrowth.Span, TimeSpan.FromSeconds(10), ProcessesAtMost);

    /// <summary>
    /// The index of field 22 of the file, counted from the field after the name. The name itself may contain spaces and
    /// parentheses.
    /// </summary>
    const int StartField = 22 - 3;

    readonly long _start = clock.GetTimestamp();
    SampleRing<(int Pid, string Start)> _open = new(Bounds);

    public override ImmutableArray<Type> Needs { get; init; } = [typeof(ProcessTable)];

    protected override Reading<DescriptorGrowth> Read(SamplingPass sampling) =>
        sampling
            .Get<ProcessTable>()
            .Select(table =>
            {
                var processes = (
                    from process in table.Processes.Where(static process => process.IsWatched).Take(ProcessesAtMost)
                    where process.Open.Missing is null
                    select (Key: (process.Pid, StartOf(process.Pid)), Open: (double)process.Open.Value)
                ).ToList();
                _open = _open.With(clock.GetElapsedTime(_start), processes);
                return new DescriptorGrowth(
                    (
                        from process in processes
                        let perHour = PerHour([.. _open.SamplesOf(process.Key)])
                        where perHour is not null
                        select KeyValuePair.Create(process.Key.Pid, perHour.Value)
                    ).ToDictionary()
                );
            });

    /// <summary>
    /// Returns the growth per hour, by the line that fits the samples best; null before they span two minutes.
    /// </summary>
    internal static double? PerHour(IReadOnlyList<(TimeSpan At, double Open)> samples) =>
        samples is [var first, .., var last] && last.At - first.At >= DescriptorGrowth.Shortest
            ? FittedLine.Through([.. samples.Select(static sample => (sample.At.TotalHours, sample.Open))]).Slope
            : null;

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
