namespace OpenClaw.KernelTests;

/// <summary>A resource that the exporter itself lacks for some seconds.</summary>
/// <param name="Name">The name, in words.</param>
/// <param name="Begin">Begins it on a machine; disposing of the result ends it.</param>
sealed record Shortage(string Name, Func<ShortMachine, IDisposable> Begin)
{
    /// <summary>Prepares the namespace before the exporter starts.</summary>
    public Action<PrivateNamespace> Prepare { get; init; } = static _ => { };

    /// <summary>The cgroup controller that it needs; null for none.</summary>
    public string? Controller { get; init; }

    /// <summary>The pool that it fills; null where no pool has that limit.</summary>
    public string? Pool { get; init; }

    /// <summary>The age of a snapshot that is served again.</summary>
    public string MaxAge { get; init; } = "0s";

    /// <summary>False where no answer can be sent while it lasts; null where one may be too late.</summary>
    public bool? IsAnswered { get; init; } = true;

    /// <summary>
    /// False where no new connection can be served while it lasts; null where it may be, or may be too late.
    /// </summary>
    public bool? IsReachable { get; init; } = true;

    /// <summary>True where readers have to fail while it lasts.</summary>
    public bool IsBlinding { get; init; }

    /// <summary>Returns true where its pool is full, or readers fail with a reason.</summary>
    public bool IsShown(IReadOnlyList<StoredSample> before, IReadOnlyList<StoredSample> lasting) =>
        (Pool is not { } pool || lasting.Fullest(pool) >= 0.9)
        && (!IsBlinding || lasting.Absences().Except(before.Absences()).Any());
}

/// <summary>The exporter, its namespace and its cgroup.</summary>
/// <param name="Netns">The namespace.</param>
/// <param name="Cgroup">The cgroup; null without one.</param>
/// <param name="Exporter">The exporter.</param>
sealed record ShortMachine(PrivateNamespace Netns, ControllerCgroup? Cgroup, PublishedExporter Exporter);
