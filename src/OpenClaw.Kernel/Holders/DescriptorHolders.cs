using System.Collections.Immutable;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Holders;

/// <summary>
/// The processes whose own limit of descriptors is nearly reached; when the machine's is, also those with the most.
/// </summary>
/// <param name="ByPid">The processes by id.</param>
public sealed record DescriptorHolders(ImmutableDictionary<int, HoldingProcess> ByPid);

/// <summary>Reads the owners of the processes that hold most descriptors.</summary>
/// <param name="proc">The procfs.</param>
/// <param name="nearlyFull">The used part, between 0 and 1, from which a limit is nearly reached.</param>
sealed class DescriptorHoldersReader(ProcMount proc, double nearlyFull)
    : Reader<DescriptorHolders>("descriptor_holders", "/proc/PID/{comm,cmdline,cgroup,status,stat}")
{
    /// <summary>The limit on processes of each kind.</summary>
    const int AtMost = 16;

    static readonly Reading<DescriptorHolders> NothingIsFull = new Missing(
        Absence.NotAsked,
        "no limit of descriptors is nearly reached"
    );

    public override ImmutableArray<Type> Needs { get; init; } = [typeof(ProcessTable), typeof(FileNr)];

    protected override Reading<DescriptorHolders> Read(SamplingPass sampling) =>
        sampling
            .Get<ProcessTable>()
            .Then(table =>
            {
                ImmutableArray<int> near =
                [
                    .. Fullest(table.Processes.Where(IsNear))
                        .Concat(IsNear(sampling.Get<FileNr>()) ? Fullest(table.Processes) : [])
                        .Select(static process => process.Pid)
                        .Distinct(),
                ];
                return near.IsEmpty
                    ? NothingIsFull
                    : new DescriptorHolders(
                        near.ToImmutableDictionary(static pid => pid, pid => HoldingProcess.Read(proc, pid))
                    );
            });

    protected override Missing? FailureFrom(Missing missing) =>
        missing.Outcome is Outcome.None or Outcome.NotAsked ? null : missing;

    bool IsNear(Reading<FileNr> files) =>
        files.TryGet(out var machine) && machine.Maximum is { } maximum && machine.Allocated >= nearlyFull * maximum;

    static IEnumerable<ProcessDescriptors> Fullest(IEnumerable<ProcessDescriptors> processes) =>
        processes.OrderByDescending(OpenIn).Take(AtMost);

    bool IsNear(ProcessDescriptors process) =>
        process.Limits.TryGet(out var limits)
        && limits.OpenFilesSoft is { } limit
        && OpenIn(process) > 0
        && OpenIn(process) >= nearlyFull * limit;

    static long OpenIn(ProcessDescriptors process) => process.Open.TryGet(out var open) ? open : 0;
}
