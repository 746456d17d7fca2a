namespace OpenClaw.KernelTests;

/// <summary>
/// On a test that makes the kernel show a pool or symptom, and sees its series move by the right amount. What no test
/// names says in its list why not; <see cref="ProvocationTests"/> compares the two.
/// </summary>
/// <param name="names">Names of pools and symptoms; an event of the kernel log as <c>kernel_log_event_timestamp_seconds
/// kind</c>.</param>
[AttributeUsage(AttributeTargets.Method)]
sealed class ProvokesAttribute(params string[] names) : Attribute
{
    public IReadOnlyList<string> Names { get; } = names;
}
