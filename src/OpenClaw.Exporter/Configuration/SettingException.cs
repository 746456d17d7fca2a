namespace OpenClaw.Exporter.Configuration;

/// <summary>The kind of fault in a setting.</summary>
enum SettingFault
{
    /// <summary>A flag or an environment variable has a wrong value.</summary>
    Usage,

    /// <summary>A file has an error.</summary>
    Malformed,

    /// <summary>A file is unreadable.</summary>
    Unreadable,
}

/// <summary>
/// Reports an invalid setting. The message is for the author of the setting: file, line, expected value and found
/// value.
/// </summary>
/// <param name="message">The whole sentence.</param>
sealed class SettingException(string message) : Exception(message)
{
    /// <summary>Rejects a line of a file.</summary>
    public SettingException(string file, long line, string reason)
        : this($"{file}: line {line}: {reason}") => Fault = SettingFault.Malformed;

    /// <summary>The kind of fault.</summary>
    public SettingFault Fault { get; init; }
}
