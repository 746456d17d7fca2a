namespace OpenClaw.KernelTests;

/// <summary>
/// Tests of what the machine has once: its neighbour tables, its orphans, its socket memory, the rate of its log. They
/// run one by one and beside no other, leave its settings as they were, and give back what they take as soon as it was
/// seen.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class WholeMachine
{
    public const string Name = "the whole machine";

    /// <summary>What the rest of the machine may add to or take from a count meanwhile.</summary>
    internal const int Others = 200;
}
