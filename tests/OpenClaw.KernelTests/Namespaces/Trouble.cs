namespace OpenClaw.KernelTests;

/// <summary>The use and phase that a pool must show.</summary>
/// <param name="Pool">The name of the pool.</param>
/// <param name="Used">The used amount of its worst level; null for the machine's limit on tracked connections.</param>
/// <param name="Phase">The phase of its problem.</param>
sealed record TroubledPool(string Pool, double? Used, string Phase);

/// <summary>Something that goes wrong in one network namespace and keeps going wrong.</summary>
/// <param name="Name">The name, in words.</param>
/// <param name="Condition">The worst condition that a diagnosis of the namespace has.</param>
/// <param name="Pools">The pools that it fills.</param>
/// <param name="Symptoms">The names of the symptoms that rise, or show, for as long as it lasts.</param>
/// <param name="Start">
/// Begins it; returns the action that keeps counters rising. The action runs again and again on the thread of the
/// namespace.
/// </param>
sealed record Trouble(
    string Name,
    string Condition,
    TroubledPool[] Pools,
    string[] Symptoms,
    Func<TroubledNamespace, Action> Start
)
{
    /// <summary>False where the used amounts change from moment to moment.</summary>
    public bool IsSteady { get; init; } = true;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
