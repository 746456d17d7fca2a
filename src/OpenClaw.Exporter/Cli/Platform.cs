using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Cli;

/// <summary>The platforms that the exporter supports: every one with a Linux kernel.</summary>
static class Platform
{
    /// <summary>The lowest stack limit that was seen to work is 136 KiB.</summary>
    const ulong StackAtLeast = 256 * 1024;

    /// <summary>
    /// The lowest limit on addresses that was seen to work is 1.4 GiB. The collector reserves half of the limit, and
    /// each thread 72 MiB.
    /// </summary>
    const ulong AddressSpaceAtLeast = 2UL << 30;

    /// <summary>
    /// Returns one line with an alternative for an unsupported platform; null where the platform is supported.
    /// </summary>
    /// <param name="isPlatform">Returns true for the name of this system, like
    /// <see cref="OperatingSystem.IsOSPlatform"/>.</param>
    public static string? Refusal(Func<string, bool> isPlatform)
    {
        if (isPlatform("Linux"))
            return null;
        if (isPlatform("Windows"))
            return Refusal("Windows", "run it in WSL2 (wsl --install), where OpenClaw runs too");
        if (isPlatform("macOS"))
        {
            return Refusal(
                "macOS",
                "run it as a container: it sees the Linux virtual machine of the container engine, not the Mac"
            );
        }

        return Refusal("another system", "run it on Linux, or in a Linux virtual machine");
    }

    /// <summary>
    /// Returns one line for a stack limit that is too small; null for any other. Where little stack is left, a regular
    /// expression continues on another thread. Its stack is as small, so it does the same, until no thread is left.
    /// </summary>
    /// <param name="limit">The limit in bytes; null where it is unknown.</param>
    public static string? SmallStack(ulong? limit) =>
        limit < StackAtLeast
            ? $"expected a stack limit of at least {ByteSize.Format(StackAtLeast)}, found "
                + $"{ByteSize.Format((double)limit)}; ulimit -s 8192 raises it"
            : null;

    /// <summary>
    /// Returns one line for a limit on addresses that is too small; null for any other. Threads could not start, and
    /// the first one that is missing would end the process.
    /// </summary>
    /// <param name="limit">The limit in bytes; null where it is unknown.</param>
    public static string? SmallAddressSpace(ulong? limit) =>
        limit < AddressSpaceAtLeast
            ? $"expected a limit on virtual memory of at least {ByteSize.Format(AddressSpaceAtLeast)}, found "
                + $"{ByteSize.Format((double)limit)}; ulimit -v unlimited raises it"
            : null;

    static string Refusal(string system, string instead) => $"expected a Linux kernel, found {system}; {instead}";
}
