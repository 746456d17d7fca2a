namespace OpenClaw.Exporter.Configuration;

/// <summary>
/// The files that settings were read from, with their texts. A comparison with the present texts finds every change,
/// also of a link that a container engine redirects. The files are small. inotify would need a resource that may be
/// exhausted on the machine.
/// </summary>
sealed class InputFiles
{
    const int BytesAtMost = YamlText.BytesAtMost;

    readonly Dictionary<string, string> _texts = [];

    /// <summary>Returns the text of a file that was read.</summary>
    public string this[string path] => _texts[path];

    /// <summary>Reads the text of a file. From now on the file is one of these, even if it is unreadable.</summary>
    /// <exception cref="SettingException">The file is unreadable.</exception>
    public string Read(string path)
    {
        var text = TryRead(path, out var reason);
        _texts[path] = text ?? reason;
        return text ?? throw new SettingException($"{path}: {reason}") { Fault = SettingFault.Unreadable };
    }

    /// <summary>Returns true where the text of some file is another now.</summary>
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

            // A pipe also has length 0, and its end might never come.
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
