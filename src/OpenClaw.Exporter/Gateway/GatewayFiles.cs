using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Gateway;

/// <summary>
/// The files of a Gateway. Its environment and its open files show where they are; its command line is overwritten by
/// its title.
/// </summary>
/// <param name="Profile">The profile; empty for the default one.</param>
/// <param name="Configuration">The path of the configuration, as the Gateway sees it; empty when unknown.</param>
/// <param name="Log">The path of the log with stars, as the exporter reaches it; empty when unknown.</param>
sealed partial record GatewayFiles(string Profile, string Configuration, string Log)
{
    /// <summary>The reason why the exporter does not reach its files; null where it does.</summary>
    public Missing? Unreached { get; init; }

    /// <summary>The port that the environment or the configuration sets; null without one.</summary>
    public int? Port { get; init; }

    /// <summary>True where the configuration turns TLS on.</summary>
    public bool UsesTls { get; init; }

    /// <summary>The limit in the systemd unit; null without one.</summary>
    public UnitLimit? UnitLimit { get; init; }

    /// <summary>The name of the configuration file.</summary>
    public const string ConfigurationFile = "openclaw.json";

    static readonly JsonDocumentOptions Lenient = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
    };

    /// <summary>Reads the files of a process. Unreadable ones are left out.</summary>
    /// <param name="proc">The procfs.</param>
    /// <param name="pid">The process.</param>
    /// <param name="owner">Its owner, which tells its systemd unit.</param>
    /// <param name="opened">The paths that it has open; empty when unknown.</param>
    public static GatewayFiles Read(ProcMount proc, int pid, ProcessOwner owner, ImmutableArray<string> opened)
    {
        var unit = UnitOf(owner);
        var environment = EnvironmentOf(proc, pid);
        var folder = StateFolder(environment, opened);
        var configuration = environment.GetValueOrDefault("OPENCLAW_CONFIG_PATH") ?? "";
        if (configuration.Length == 0 && folder.Length > 0)
            configuration = $"{folder}/{ConfigurationFile}";
        var profile = ProfileOf(environment, unit, folder);
        var folderOfLog = LogFolder.Find(proc, pid, environment, Reach);
        var pattern = profile.Length > 0 ? $"/openclaw-{profile}-*.log" : "/openclaw-2*.log";
        var files = new GatewayFiles(profile, configuration, folderOfLog.TryGet(out var logs) ? logs + pattern : "")
        {
            Unreached = folderOfLog.Missing,
            UnitLimit =
                owner.Container.Length > 0 ? null : UnitLimit.Read(proc, pid, unit, environment, owner.IsOfUser),
        };
        if (configuration.Length > 0 && Reach(configuration).TryGet(out var settings))
            files = files.With(settings, Reach);
        return environment.TryGetValue("OPENCLAW_GATEWAY_PORT", out var port) && ushort.TryParse(port, out var number)
            ? files with
            {
                Port = number,
            }
            : files;

        // Outside a container, a process whose root may not be read probably has the exporter's.
        Reading<string> Reach(string path) =>
            OpenedFiles.PathFromHere(proc, pid, path) is { Missing: { } hidden }
                ? HiddenOr(path, hidden)
                : OpenedFiles.PathFromHere(proc, pid, path);

        Reading<string> HiddenOr(string path, Missing hidden) =>
            owner.Container.Length > 0
                ? hidden with
                {
                    Detail = $"{hidden.Detail} (needs CAP_SYS_PTRACE, and CAP_DAC_READ_SEARCH for its files)",
                }
                : path;
    }

    /// <summary>Returns the innermost unit: below a user's manager, the user's own one. Empty without a unit.</summary>
    public static string UnitOf(ProcessOwner owner) =>
        owner.Cgroup.Split('/').LastOrDefault(static part => part.EndsWith(".service", StringComparison.Ordinal)) ?? "";

    /// <summary>Adds the settings of the configuration file. A file that is not JSON changes nothing.</summary>
    GatewayFiles With(string path, Func<string, Reading<string>> reach)
    {
        try
        {
            if (!RegularFile.Read(path).TryGet(out var bytes))
                return this;
            using var json = JsonDocument.Parse(bytes, Lenient);
            var root = json.RootElement;
            var log = root.Find("logging", "file")?.Text();
            return this with
            {
                Port = root.Find("gateway", "port")?.Number() is { } port and > 0 and <= ushort.MaxValue
                    ? (int)port
                    : null,
                UsesTls = root.Find("gateway", "tls", "enabled")?.ValueKind == JsonValueKind.True,
                Log = log is ['/', ..] && reach(log).TryGet(out var reached) ? reached : Log,
            };
        }
        catch (JsonException)
        {
            return this;
        }
    }

    static Dictionary<string, string> EnvironmentOf(ProcMount proc, int pid)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!proc.ReadText($"{pid}/environ").TryGet(out var text))
            return variables;
        foreach (var variable in text.Split('\0'))
        {
            if (variable.IndexOf('=') is > 0 and var sign && sign + 1 < variable.Length)
                variables[variable[..sign]] = variable[(sign + 1)..];
        }

        return variables;
    }

    /// <summary>
    /// Returns the folder with the state. The database in it is open while the Gateway runs, wherever the folder is.
    /// </summary>
    static string StateFolder(Dictionary<string, string> environment, ImmutableArray<string> opened)
    {
        if (environment.TryGetValue("OPENCLAW_STATE_DIR", out var folder))
            return folder.TrimEnd('/');
        const string database = "/state/openclaw.sqlite";
        if (opened.FirstOrDefault(static path => path.EndsWith(database, StringComparison.Ordinal)) is { } path)
            return path[..^database.Length];
        var home = environment.GetValueOrDefault("OPENCLAW_HOME") ?? environment.GetValueOrDefault("HOME");
        return home is null ? "" : $"{home.TrimEnd('/')}/.openclaw";
    }

    static string ProfileOf(Dictionary<string, string> environment, string unit, string folder)
    {
        if (environment.TryGetValue("OPENCLAW_PROFILE", out var profile))
            return profile == "default" ? "" : profile;
        if (FolderProfile().Match(folder) is { Success: true } ofFolder)
            return ofFolder.Groups[1].Value;
        return UnitProfile().Match(unit) is { Success: true } ofUnit ? ofUnit.Groups[1].Value : "";
    }

    [GeneratedRegex("/\\.openclaw-([^/]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex FolderProfile();

    [GeneratedRegex("^openclaw-gateway-(.+)\\.service$", RegexOptions.CultureInvariant)]
    private static partial Regex UnitProfile();
}
