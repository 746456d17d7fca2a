namespace OpenClaw.KernelTests;

/// <summary>
/// Marks a test that makes the kernel show a pool or symptom and checks that its series moves by the right amount.
/// Names that no test provokes need a reason; <see cref="ProvocationTests"/> compares the two.
/// </summary>
/// <param name="names">Names of pools and symptoms. An event of the kernel log is <c>kernel_log_event_timestamp_seconds
/// kind</c>.</param>
[AttributeUsage(AttributeTargets.Method)]
sealed class ProvokesAttribute(params string[] names) : Attribute
{
    public IReadOnlyList<string> Names { get; } = names;
}
