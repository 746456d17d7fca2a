using System.Collections.Immutable;
using OpenClaw.Kernel.Containers;
using OpenClaw.Kernel.Holders;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>A process, an owner or a peer that holds part of a resource.</summary>
/// <param name="Name">The name in sentences, such as "openclaw-gateway (pid 24368)".</param>
/// <param name="Count">The part that it holds, in the unit of the pool.</param>
sealed record Holder(string Name, double Count)
{
    /// <summary>The process, or of several processes of one program the one that holds most; null for none.</summary>
    public HoldingProcess? Process { get; init; }

    /// <summary>The state of a process that does not run, in words; null for one that does.</summary>
    public string? Halt =>
        Process?.State switch
        {
            'T' or 't' => "stopped",
            'D' => "blocked in the kernel",
            _ => null,
        };

    /// <summary>The number of processes.</summary>
    public int Processes { get; init; } = 1;

    /// <summary>True where its name stands for several things, such as connections.</summary>
    public bool IsPlural { get; init; }

    /// <summary>The owner of the process; <see cref="ProcessOwner.None"/> where it is unknown.</summary>
    public ProcessOwner Owner { get; init; } = ProcessOwner.None;

    /// <summary>The container or pod of the process; null outside both and where no file names it.</summary>
    public Container? Container { get; init; }

    /// <summary>The name of its container; the id where no file names it, and empty outside a container.</summary>
    public string ContainerName => Container?.Name is { Length: > 0 } name ? name : Owner.Container;

    /// <summary>The namespace and name of its pod; the UID where no file names it, and empty outside a pod.</summary>
    public string PodName => Container?.Pod is { } pod ? $"{pod.Namespace}/{pod.Name}" : Owner.Pod;

    /// <summary>The least age of the oldest part; null when it is unknown.</summary>
    public TimeSpan? Oldest { get; init; }

    /// <summary>The growth in an hour; null when it is unknown.</summary>
    public double? PerHour { get; init; }
}

/// <summary>The holders of a level, and the part that nobody holds.</summary>
/// <param name="Worst">The holders, the worst first.</param>
sealed record LevelHolders(ImmutableArray<Holder> Worst)
{
    /// <summary>The value where holders are not known.</summary>
    public static LevelHolders None { get; } = new([]);

    /// <summary>
    /// Lines about the parts that no holder stands for, such as those without a process; each without its full stop.
    /// </summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>
    /// The part that no known holder has, in the unit of the pool. Where it is larger than that of the worst holder,
    /// the worst one is not the cause.
    /// </summary>
    public double Unaccounted { get; init; }

    /// <summary>
    /// The property that most descriptors or connections of a process share; null where it is unknown.
    /// </summary>
    public HeldPattern? Pattern { get; init; }

    /// <summary>The ports in TIME_WAIT, which no process holds.</summary>
    public double TimeWait { get; init; }

    /// <summary>The reason why some holders are missing; null when none is.</summary>
    public Missing? Shortfall { get; init; }
}
