namespace OpenClaw.Exporter.Cli;

/// <summary>The platforms that the exporter supports: every one with a Linux kernel.</summary>
static class Platform
{
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

    static string Refusal(string system, string instead) => $"expected a Linux kernel, found {system}; {instead}";
}
