namespace OpenClaw.Exporter.Configuration;

/// <summary>Kind of reason why a setting cannot be used.</summary>
enum SettingFault
{
    /// <summary>A flag or an environment variable has a wrong value.</summary>
    Usage,

    /// <summary>A file has a mistake in it.</summary>
    Malformed,

    /// <summary>A file cannot be read.</summary>
    Unreadable,
}

/// <summary>
/// A setting that cannot be used. The message is for whoever wrote it: file, line, what was expected and what was
/// found.
/// </summary>
/// <param name="message">The whole sentence.</param>
sealed class SettingException(string message) : Exception(message)
{
    /// <summary>Refuses a line of a file.</summary>
    public SettingException(string file, long line, string reason)
        : this($"{file}: line {line}: {reason}") => Fault = SettingFault.Malformed;

    /// <summary>Kind of the reason.</summary>
    public SettingFault Fault { get; init; }
}
