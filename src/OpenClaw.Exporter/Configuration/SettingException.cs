namespace OpenClaw.Exporter.Configuration;

/// <summary>A setting that cannot be used. The message is for whoever wrote it: file, line, what was expected and what was found.</summary>
/// <param name="message">The whole sentence.</param>
sealed class SettingException(string message) : Exception(message)
{
    /// <summary>Of a line of a file.</summary>
    public SettingException(string file, long line, string reason)
        : this($"{file}: line {line}: {reason}")
    {
    }
}
