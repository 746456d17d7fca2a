namespace OpenClaw.Kernel.Sampling;

/// <summary>
/// The limits on texts and lists that others make. Above a limit, a value is malformed, and never a part of itself.
/// </summary>
public static class Bounds
{
    /// <summary>The bytes of a file by others: configuration, sysctl.d, unit, environment of a process.</summary>
    public const int FileBytes = 1024 * 1024;

    /// <summary>The bytes of a file below /proc/net or /proc/sys/net that is held in memory.</summary>
    public const int NetworkFileBytes = 16 * 1024 * 1024;

    /// <summary>The bytes of a command line; a longer one is cut.</summary>
    public const int CommandLineBytes = 4096;

    /// <summary>The bytes of a name that users choose; a longer one is cut, and gets a hash of the whole.</summary>
    public const int NameBytes = 128;

    /// <summary>The bytes of a link below /proc: those of /proc/self and ns/net have up to 20.</summary>
    public const int LinkBytes = 64;

    /// <summary>The lines of all sysctl.d files. Each is compared with each key in each snapshot.</summary>
    public const int SysctlLines = 10_000;

    /// <summary>The bytes of /etc/hostname.</summary>
    public const int HostNameFileBytes = 4096;

    /// <summary>Returns the limit on the bytes of a kernel file.</summary>
    internal static int OfKernelFile(string path) =>
        path.Contains("/net/", StringComparison.Ordinal) ? NetworkFileBytes : FileBytes;

    /// <summary>Returns the missing value for a file above its limit.</summary>
    internal static Missing TooLong(string path, int limit) =>
        new(Absence.Malformed, $"{path}: larger than {limit} bytes");
}
