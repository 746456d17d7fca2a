using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Serilog.Events;

namespace OpenClaw.Exporter.Configuration;

/// <summary>The form of log lines.</summary>
enum LogFormat
{
    /// <summary>One readable line.</summary>
    Text,

    /// <summary>One JSON object a line.</summary>
    Json,
}

/// <summary>
/// The list of flags. Each can also be given as an environment variable, OPENCLAW_EXPORTER_ and its name in capitals with
/// underscores, and in the file of --config.file. The command line stands before the environment, and that before the file.
/// </summary>
static partial class ExporterFlags
{
    const string EnvironmentPrefix = "OPENCLAW_EXPORTER_";

    public static Option<FlagFile> ConfigFile { get; } = Flag(
        "--config.file", "", "A YAML file with flags: their names without dashes, whole or taken apart at their dots.", ParseFlagFile, "a file", isInFile: false);

    public static Option<ImmutableArray<IPEndPoint>> ListenAddress { get; } = Flag(
        "--web.listen-address", ":10087", "Address and port to serve on; without an address, all of them. Several by giving it again, or separated by commas.",
        ParseEndpoints, "address:port", ArgumentArity.OneOrMore, Commas);

    public static Option<bool> SystemdSocket { get; } = Flag(
        "--web.systemd-socket", "false", "Serve on the sockets that systemd hands over instead.", ParseBoolean, "true or false", ArgumentArity.ZeroOrOne);

    public static Option<string> WebConfigFile { get; } = Flag(
        "--web.config.file", "", "A YAML file with TLS, users and rate, in the format of Prometheus' exporter-toolkit; read again when it changes.",
        static text => (true, text), "a file");

    public static Option<int> MaxRequests { get; } = Flag(
        "--web.max-requests", "40", "How many requests are answered at once; further ones are refused. 0 for any number.", ParseRequests, "a number from 0 to 10000");

    public static Option<string> TelemetryPath { get; } = Flag(
        "--web.telemetry-path", "/metrics", "Path of the metrics.", ParsePath,
        "a path of letters, digits and - . _ ~ such as /metrics, not one that has another meaning (/, /healthz, /readyz, /api, /assets)");

    public static Option<Regex> Watch { get; } = Flag(
        "--process.watch", "openclaw", "Processes whose descriptors are always shown: a regular expression on name and whole command line, as pgrep -f.",
        ParseRegex, "a regular expression");

    public static Option<string> Netns { get; } = Flag(
        "--netns", "self", "Which network namespaces to look into: self, all, or one by its name, inode or container id.",
        static text => (text.Length > 0, text), "self, all or a name");

    public static Option<int> NetnsWorst { get; } = Flag(
        "--netns.worst", "50", "How many network namespaces beside the exporter's own are shown one by one; of the others only sums.", ParseCount, "a number from 1 to 10000");

    public static Option<TimeSpan> MaxAge { get; } = Flag(
        "--sampling.max-age", "1s", "How old a snapshot may be to be served again; 0s makes one for every scrape.", Duration.Parse, Duration.Expected);

    public static Option<string> ProcPath { get; } = Flag(
        "--path.procfs", "/proc", "Where procfs is mounted.", ParseDirectory, "a directory that exists");

    public static Option<string> SysPath { get; } = Flag(
        "--path.sysfs", "/sys", "Where sysfs is mounted; below it is the cgroup2 hierarchy that sockets are attributed by.",
        static text => (text == "/sys" || Directory.Exists(text), text), "a directory that exists");

    public static Option<string> RootPath { get; } = Flag(
        "--path.rootfs", "/", "Where the machine's file system is mounted; below it are the sysctl.d files that its values are compared with.",
        ParseDirectory, "a directory that exists");

    public static Option<ImmutableArray<string>> OpenClawConfiguration { get; } = Flag(
        "--openclaw.config", "/etc/openclaw/daemon.yml,/etc/openclaw/services/*.yml",
        "The configuration files of OpenClaw's services, for their own limits: paths separated by commas, with stars in the last part.",
        ParsePaths, "paths", many: Commas);

    public static Option<LogEventLevel> LogLevel { get; } = Flag(
        "--log.level", "info", "Least severe messages to log: debug, info, warn or error.", ParseLevel, "debug, info, warn or error");

    public static Option<LogFormat> LogFormat { get; } = Flag(
        "--log.format", "text", "Form of the log lines: text or json.", ParseFormat, "text or json");

    public static Option<string> OpenClawLog { get; } = Flag(
        "--openclaw.log", "", "The log of OpenClaw, a file or a FIFO, whose errors are counted by code from the start of the exporter.",
        static text => (true, text), "a path");

    public static Option<ImmutableArray<string>> StatusCommand { get; } = Flag(
        "--openclaw.status-command", "", "What to run for the state of OpenClaw, such as 'openclaw status': words, or a JSON array of strings. No shell.",
        ParseCommand, "words or a JSON array of strings", many: JsonArray);

    public static Option<TimeSpan> StatusInterval { get; } = Flag(
        "--openclaw.status-interval", "60s", "How often to run it.", ParseInterval, "a duration from 1s to 30d, such as 30s or 2m");

    public static Option<string> HealthUrl { get; } = Flag(
        "--openclaw.health-url", "", "The Gateway's health address, such as http://127.0.0.1:18789/health.", ParseUrl, "an http or https address");

    public static Option<bool> Probe { get; } = Switch(
        "--probe", "true", "Try at each snapshot whether a socket, a port and a connection can still be had.");

    public static Option<bool> NoProbe { get; } = Switch("--no-probe", "false", "The same as --probe=false.");

    /// <summary>Every flag there is.</summary>
    public static IEnumerable<Option> All => Own.Concat(CollectorFlags.All);

    /// <summary>Those but one for each reader, which are listed with the readers.</summary>
    public static IReadOnlyList<Option> Own { get; } =
    [
        ConfigFile, ListenAddress, SystemdSocket, WebConfigFile, MaxRequests, TelemetryPath, Watch, Netns, NetnsWorst, MaxAge, ProcPath, SysPath, RootPath,
        OpenClawConfiguration, LogLevel, LogFormat, OpenClawLog, StatusCommand, StatusInterval, HealthUrl, Probe, NoProbe,
    ];

    /// <summary>The command diagnose's own: how long counters are watched.</summary>
    public static Option<TimeSpan> Observe() => Flag(
        "--observe", "1s", "For how long to look which counters rise, such as drops; 0s looks once.", Duration.Parse, Duration.Expected);

    /// <summary>A flag that is on or off, and on when it stands alone.</summary>
    public static Option<bool> Switch(string name, string standard, string description) =>
        Flag(name, standard, description, ParseBoolean, "true or false", ArgumentArity.ZeroOrOne);

    /// <summary>The environment variable that stands for a flag.</summary>
    public static string EnvironmentVariable(string flag) =>
        EnvironmentPrefix + flag.TrimStart('-').ToUpperInvariant().Replace('.', '_').Replace('-', '_');

    /// <summary>Makes a flag.</summary>
    /// <param name="name">Its name, with dashes.</param>
    /// <param name="standard">What holds when it is given nowhere.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="parse">Whether a text is valid, and what it means; a <see cref="SettingException"/> says more than that.</param>
    /// <param name="expected">What is valid, for messages.</param>
    /// <param name="arity">How many texts it takes on the command line.</param>
    /// <param name="many">Makes one text of several, where several are valid.</param>
    /// <param name="isInFile">Whether the file may give it.</param>
    static Option<T> Flag<T>(
        string name, string standard, string description, Func<string, (bool Valid, T Value)> parse, string expected,
        ArgumentArity? arity = null, Func<IEnumerable<string>, string>? many = null, bool isInFile = true)
    {
        var variable = EnvironmentVariable(name);
        T Parse(ArgumentResult result, string text, string origin)
        {
            try
            {
                var (valid, value) = parse(text);
                if (!valid)
                    result.AddError($"{origin}: expected {expected}, found '{text}'");
                return value;
            }
            catch (SettingException error)
            {
                result.AddError(error.Message);
                return default!;
            }
        }

        T Standard(ArgumentResult result)
        {
            if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value)
                return Parse(result, value, variable);
            if (!isInFile || FileOf(result).Find(name) is not { } text)
                return Parse(result, standard, name);
            if (!text.IsList)
                return Parse(result, text.Texts[0], text.Origin);
            if (many is not null)
                return Parse(result, many(text.Texts), text.Origin);
            result.AddError($"{text.Origin}: expected {expected}, found a list");
            return default!;
        }

        return new(name)
        {
            Description = $"{description} (default {(standard.Length > 0 ? standard : "''")}; {variable})",
            HelpName = expected,
            Arity = arity ?? ArgumentArity.ExactlyOne,

            // A flag that may stand alone means true then.
            CustomParser = result => Parse(
                result,
                result.Tokens switch
                {
                    [] => bool.TrueString,
                    [var token] => token.Value,
                    var tokens => many!(tokens.Select(static token => token.Value)),
                },
                name),
            DefaultValueFactory = Standard,
        };
    }

    static FlagFile FileOf(ArgumentResult result)
    {
        try
        {
            return result.GetValue(ConfigFile) ?? FlagFile.Empty;
        }
        catch (InvalidOperationException)
        {
            // The flag was wrong itself, and the library reports that.
            return FlagFile.Empty;
        }
    }

    static string Commas(IEnumerable<string> texts) => string.Join(',', texts);

    static string JsonArray(IEnumerable<string> texts) => $"[{string.Join(", ", texts.Select(static text => $"\"{JsonEncodedText.Encode(text)}\""))}]";

    static (bool, FlagFile) ParseFlagFile(string path)
    {
        if (path.Length == 0)
            return (true, FlagFile.Empty);
        var names = All.Where(static flag => flag != ConfigFile).Select(static flag => flag.Name.TrimStart('-')).ToArray();
        return (true, FlagFile.Parse(path, new InputFiles().Read(path), names));
    }

    static (bool, ImmutableArray<IPEndPoint>) ParseEndpoints(string text)
    {
        var endpoints = text.Split(',', StringSplitOptions.TrimEntries).Select(ParseEndpoint).ToArray();
        return (Array.TrueForAll(endpoints, static endpoint => endpoint.Valid), [.. endpoints.Select(static endpoint => endpoint.Value)]);
    }

    static (bool Valid, IPEndPoint Value) ParseEndpoint(string text)
    {
        const string localhost = "localhost:";
        var address = text.StartsWith(':') ? "[::]" + text
            : text.StartsWith(localhost, StringComparison.OrdinalIgnoreCase) ? $"{IPAddress.Loopback}:{text[localhost.Length..]}"
            : text;
        var valid = IPEndPoint.TryParse(address, out var endpoint)
            && text.AsSpan(text.LastIndexOf(':') + 1).ContainsAnyInRange('0', '9')
            && text.Contains(':', StringComparison.Ordinal);
        return (valid, endpoint!);
    }

    static (bool, string) ParsePath(string text)
    {
        const StringComparison ignoringCase = StringComparison.OrdinalIgnoreCase;
        return (PlainPath.IsMatch(text) && !ServedPaths.All.Any(taken => (text + '/').StartsWith(taken + '/', ignoringCase)), text);
    }

    static (bool, ImmutableArray<string>) ParsePaths(string text) =>
        (true, [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)]);

    static (bool, string) ParseDirectory(string text) => (Directory.Exists(text), text);

    static (bool, Regex) ParseRegex(string text)
    {
        try
        {
            // Linear in the length of a command line, whatever the expression; it lacks what POSIX's lack, too.
            return (true, new(text, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking));
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            return (false, null!);
        }
    }

    static (bool, int) ParseCount(string text) =>
        (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 10000, count);

    static (bool, int) ParseRequests(string text) =>
        (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= 10000, count);

    static (bool, bool) ParseBoolean(string text) => (bool.TryParse(text, out var value), value);

    static (bool, TimeSpan) ParseInterval(string text)
    {
        var (valid, value) = Duration.Parse(text);
        return (valid && value >= TimeSpan.FromSeconds(1), value);
    }

    static (bool, ImmutableArray<string>) ParseCommand(string text)
    {
        if (!text.StartsWith('['))
            return (true, [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        try
        {
            using var json = JsonDocument.Parse(text);
            var words = json.RootElement.EnumerateArray().ToArray();
            return Array.TrueForAll(words, static word => word.ValueKind == JsonValueKind.String) && words.Length > 0
                ? (true, [.. words.Select(static word => word.GetString()!)])
                : (false, []);
        }
        catch (JsonException)
        {
            return (false, []);
        }
    }

    /// <summary>Kept as a text, for of a value that is nothing the library makes an exception.</summary>
    static (bool, string) ParseUrl(string text) =>
        (text.Length == 0 || (Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)), text);

    static (bool, LogEventLevel) ParseLevel(string text) => text switch
    {
        "debug" => (true, LogEventLevel.Debug),
        "info" => (true, LogEventLevel.Information),
        "warn" => (true, LogEventLevel.Warning),
        "error" => (true, LogEventLevel.Error),
        _ => (false, default),
    };

    static (bool, LogFormat) ParseFormat(string text) => text switch
    {
        "text" => (true, Configuration.LogFormat.Text),
        "json" => (true, Configuration.LogFormat.Json),
        _ => (false, default),
    };

    [GeneratedRegex(@"\A(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+\z")]
    static partial Regex PlainPath { get; }
}
