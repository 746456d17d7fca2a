namespace OpenClaw.Exporter.Configuration;

/// <summary>
/// The files that settings were made of, with what they said: compared with what they say now, that finds every change,
/// also of a link that a container engine points elsewhere. They are small, and a watch of the kernel's is a resource
/// that the machine may have run out of.
/// </summary>
sealed class InputFiles
{
    const int BytesAtMost = YamlText.BytesAtMost;

    readonly Dictionary<string, string> _texts = [];

    /// <summary>What a file said that was read.</summary>
    public string this[string path] => _texts[path];

    /// <summary>The text of a file, which counts as one of them from now on, also when it cannot be read.</summary>
    /// <exception cref="SettingException">It cannot be read.</exception>
    public string Read(string path)
    {
        var text = TryRead(path, out var reason);
        _texts[path] = text ?? reason;
        return text ?? throw new SettingException($"{path}: {reason}") { Fault = SettingFault.Unreadable };
    }

    /// <summary>Whether some of them says something else now.</summary>
    public bool Changed() => _texts.Any(static file => (TryRead(file.Key, out var reason) ?? reason) != file.Value);

    static string? TryRead(string path, out string reason)
    {
        reason = "";
        try
        {
            if (!File.Exists(path))
            {
                reason = Directory.Exists(path) ? "is a directory" : "no such file";
                return null;
            }

            // The length of a pipe is 0 too, whose end might never come.
            var length = ((FileInfo?)File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new(path)).Length;
            if (length <= BytesAtMost)
                return length == 0 ? "" : File.ReadAllText(path);
            reason = $"larger than {BytesAtMost} bytes";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            reason = error.Message;
        }

        return null;
    }
}
