namespace OpenClaw.Exporter.Cli;

/// <summary>Where it runs: wherever there is a Linux kernel.</summary>
static class Platform
{
    /// <summary>What to tell whoever starts it here, in one line; null where it runs.</summary>
    /// <param name="isPlatform">Whether this is the named system, as <see cref="OperatingSystem.IsOSPlatform"/>
    /// says.</param>
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

    static string Refusal(string system, string instead) =>
        $"expected a Linux kernel to read, found {system}; {instead}";
}
