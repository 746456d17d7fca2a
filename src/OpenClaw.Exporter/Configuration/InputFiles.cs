using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Configuration;

/// <summary>
/// The files that settings were read from, with their texts. A comparison with the present texts finds every change,
/// also of a link that a container engine redirects. The files are small. inotify would need a resource that may be
/// exhausted on the machine.
/// </summary>
sealed class InputFiles
{
    readonly Dictionary<string, string> _texts = [];

    /// <summary>Returns the text of a file that was read.</summary>
    public string this[string path] => _texts[path];

    /// <summary>Reads the text of a file. From now on the file is one of these, even if it is unreadable.</summary>
    /// <exception cref="SettingException">The file is unreadable.</exception>
    public string Read(string path)
    {
        var text = TextOf(path);
        _texts[path] = text.TryGet(out var read) ? read : text.Missing!.Detail;
        return read ?? throw new SettingException(text.Missing!.Detail) { Fault = SettingFault.Unreadable };
    }

    /// <summary>Returns true where the text of some file is another now.</summary>
    public bool Changed() =>
        _texts.Any(static file =>
            (TextOf(file.Key) is var text && text.TryGet(out var read) ? read : text.Missing!.Detail) != file.Value
        );

    static Reading<string> TextOf(string path)
    {
        var text = RegularFile.ReadText(path);
        return text.Missing is { Reason: Absence.NotPresent }
            ? new Missing(Absence.NotPresent, $"{path}: no such file")
            : text;
    }
}
