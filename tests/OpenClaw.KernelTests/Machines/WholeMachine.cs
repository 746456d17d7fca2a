namespace OpenClaw.KernelTests;

/// <summary>
/// Tests of resources that exist once per machine: neighbour tables, orphans, socket memory and the rate of the
/// kernel's log; of processes near their limit of descriptors, which every diagnosis of the machine names; and of times
/// and counts that a busy machine changes. They run one by one, with no other test beside them. They leave the
/// machine's settings unchanged and free what they use as soon as it is measured.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class WholeMachine
{
    public const string Name = "the whole machine";

    /// <summary>The margin for other programs that change a count meanwhile.</summary>
    internal const int Others = 200;
}
