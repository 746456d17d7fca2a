using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Gateway;

/// <summary>
/// The <c>LimitNOFILE=</c> in the systemd unit of a Gateway. Without one, the limit is systemd's default, which no file
/// has to name. With "infinity", it is what the kernel allowed at the start.
/// </summary>
/// <param name="File">The file that sets it.</param>
/// <param name="Hard">The hard limit. Node raises its soft limit to it at the start.</param>
sealed record UnitLimit(string File, long Hard)
{
    const string Key = "LimitNOFILE=";
    const string Suffix = ".service";

    /// <summary>The folders of system units, the first has precedence; see systemd.unit(5).</summary>
    static readonly ImmutableArray<string> SystemFolders =
    [
        "/etc/systemd/system",
        "/run/systemd/system",
        "/usr/local/lib/systemd/system",
        "/usr/lib/systemd/system",
    ];

    /// <summary>True where a process runs with the limit of the unit.</summary>
    public bool IsInForce(ProcessLimits limits) => limits.OpenFilesSoft == Hard;

    /// <summary>Reads the unit and its drop-ins. Null where none of them sets the limit, or none is readable.</summary>
    /// <param name="proc">The procfs.</param>
    /// <param name="pid">A process of the unit.</param>
    /// <param name="unit">The name of the unit; another kind than a service has no limit.</param>
    /// <param name="environment">The environment of the process, which tells where user units are.</param>
    /// <param name="isOfUser">True for a unit of a user's manager.</param>
    public static UnitLimit? Read(
        ProcMount proc,
        int pid,
        string unit,
        IReadOnlyDictionary<string, string> environment,
        bool isOfUser
    )
    {
        if (!unit.EndsWith(Suffix, StringComparison.Ordinal))
            return null;
        var folders = isOfUser ? UserFolders(environment) : SystemFolders;
        UnitLimit? limit = null;
        var reached = folders.Select(folder =>
            OpenedFiles.PathFromHere(proc, pid, folder).TryGet(out var path) ? path : folder
        );
        foreach (var path in FilesOf(unit, [.. reached]))
            limit = After(limit, path);
        return limit;
    }

    /// <summary>Returns the limit after a file is read. The last line counts, and an empty one takes it back.</summary>
    static UnitLimit? After(UnitLimit? limit, string path)
    {
        if (!RegularFile.ReadText(path).TryGet(out var text))
            return limit;
        var section = "";
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries))
        {
            if (line.StartsWith('['))
                section = line;
            else if (section == "[Service]" && line.StartsWith(Key, StringComparison.Ordinal))
                limit = Parse(path, line[Key.Length..].Trim(), limit);
        }

        return limit;
    }

    /// <summary>Parses "SOFT:HARD", or one number for both. systemd ignores a line that it cannot parse.</summary>
    static UnitLimit? Parse(string path, string value, UnitLimit? before)
    {
        var hard = value[(value.IndexOf(':') + 1)..].Trim();
        if (value.Length == 0 || hard == "infinity")
            return null;
        return long.TryParse(hard, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new(path, number)
            : before;
    }

    /// <summary>
    /// Returns the unit's file, then its drop-ins by their names. The first folder that has a name counts.
    /// </summary>
    static IEnumerable<string> FilesOf(string unit, ImmutableArray<string> folders) =>
        folders
            .Select(folder => $"{folder}/{unit}")
            .Where(System.IO.File.Exists)
            .Take(1)
            .Concat(
                folders
                    .SelectMany(folder => DropInsOf(unit).Select(name => $"{folder}/{name}"))
                    .SelectMany(FilesIn)
                    .DistinctBy(Path.GetFileName)
                    .OrderBy(Path.GetFileName, StringComparer.Ordinal)
            );

    /// <summary>
    /// Returns the folders of the drop-ins: of the unit, of the parts of its name that end in a dash, and of all
    /// services.
    /// </summary>
    static IEnumerable<string> DropInsOf(string unit)
    {
        yield return $"{unit}.d";
        var name = unit[..^Suffix.Length];
        for (var dash = name.LastIndexOf('-'); dash > 0; dash = name.LastIndexOf('-', dash - 1))
            yield return $"{name[..(dash + 1)]}{Suffix}.d";
        yield return "service.d";
    }

    static IEnumerable<string> FilesIn(string folder)
    {
        try
        {
            return Directory.GetFiles(folder, "*.conf");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    static ImmutableArray<string> UserFolders(IReadOnlyDictionary<string, string> environment)
    {
        var home = environment.GetValueOrDefault("HOME");
        return
        [
            .. Below(environment.GetValueOrDefault("XDG_CONFIG_HOME") ?? (home is null ? null : $"{home}/.config")),
            "/etc/systemd/user",
            "/run/systemd/user",
            .. Below(environment.GetValueOrDefault("XDG_DATA_HOME") ?? (home is null ? null : $"{home}/.local/share")),
            "/usr/local/lib/systemd/user",
            "/usr/lib/systemd/user",
        ];

        static IEnumerable<string> Below(string? folder) => folder is null ? [] : [$"{folder}/systemd/user"];
    }
}
