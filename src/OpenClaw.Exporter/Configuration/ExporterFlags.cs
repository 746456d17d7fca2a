using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Text;
using Serilog.Events;

namespace OpenClaw.Exporter.Configuration;

/// <summary>The form of log lines.</summary>
enum LogFormat
{
    /// <summary>Writes one readable line.</summary>
    Text,

    /// <summary>Writes one JSON object a line.</summary>
    Json,
}

/// <summary>
/// The list of flags. Each can also be an environment variable: OPENCLAW_EXPORTER_ and its name in capitals with
/// underscores. The file of --config.file may set it, too. The command line overrides the environment, which overrides
/// the file.
/// </summary>
static class ExporterFlags
{
    /// <summary>
    /// The default number of network namespaces, besides the exporter's own, that are shown one by one.
    /// </summary>
    public const int NetnsWorstByDefault = 50;

    /// <summary>The value of --netns for every network namespace.</summary>
    public const string AllNetns = "all";

    /// <summary>The value of --netns for every network namespace that may be entered.</summary>
    public const string AutoNetns = "auto";

    /// <summary>The value of a flag about the Gateway that takes it from the Gateway that runs here.</summary>
    public const string Auto = "auto";

    /// <summary>The value of a flag about the Gateway that turns its reader off.</summary>
    public const string Off = "off";

    /// <summary>The begin of the names of all environment variables that are flags.</summary>
    public const string EnvironmentPrefix = "OPENCLAW_EXPORTER_";

    const int CountAtMost = 10_000;

    /// <summary>The kinds of errors, by the flag that each is about. The library's errors have only a text.</summary>
    static readonly ConditionalWeakTable<SymbolResult, StrongBox<SettingFault>> Faults = [];

    static readonly FlagKind<LogEventLevel> Levels = FlagKinds.OneOf(
        ("debug", LogEventLevel.Debug),
        ("info", LogEventLevel.Information),
        ("warn", LogEventLevel.Warning),
        ("error", LogEventLevel.Error)
    );

    static readonly FlagKind<LogFormat> Formats = FlagKinds.OneOf(
        ("text", Configuration.LogFormat.Text),
        ("json", Configuration.LogFormat.Json)
    );

    public static Option<FlagFile> ConfigFile { get; } =
        Flag(
            "--config.file",
            "",
            "A YAML file with flags: their names without dashes, whole or split at the dots.",
            new FlagKind<FlagFile>("a file", ParseFlagFile),
            isInFile: false
        );

    public static Option<ImmutableArray<IPEndPoint>> ListenAddress { get; } =
        Flag(
            "--web.listen-address",
            ":10087",
            "Address and port to serve on. Without an address: all addresses. Repeat the flag "
                + "or separate several with commas.",
            FlagKinds.Endpoints,
            ArgumentArity.OneOrMore,
            Commas
        );

    public static Option<bool> SystemdSocket { get; } =
        Switch(
            "--web.systemd-socket",
            "false",
            "Serve on the sockets that systemd passes, instead of --web.listen-address."
        );

    public static Option<string> WebConfigFile { get; } =
        Flag(
            "--web.config.file",
            "",
            "A YAML file with TLS, users and rate limit, in the format of Prometheus' "
                + "exporter-toolkit. It is read again when it changes.",
            FlagKinds.Text("a file")
        );

    public static Option<int> MaxRequests { get; } =
        Flag(
            "--web.max-requests",
            "40",
            "Maximum of simultaneous requests; further ones are refused. 0 for no maximum.",
            FlagKinds.Number(0, CountAtMost)
        );

    public static Option<ImmutableArray<string>> AllowedHosts { get; } =
        Flag(
            "--web.allowed-hosts",
            "",
            "Names of this server that browsers may use besides IP addresses, localhost and the host name. "
                + "* allows all. Scrapers may use any name.",
            FlagKinds.Names,
            many: Commas
        );

    public static Option<string> TelemetryPath { get; } =
        Flag("--web.telemetry-path", ServedPaths.MetricsByDefault, "Path of the metrics.", FlagKinds.UnservedPath);

    public static Option<Regex> Watch { get; } =
        Flag(
            "--process.watch",
            "openclaw",
            "Processes whose descriptors are always shown: a regular expression for name and "
                + "whole command line, as in pgrep -f.",
            FlagKinds.Expression
        );

    public static Option<string> Netns { get; } =
        Flag(
            "--netns",
            AutoNetns,
            $"Network namespaces to read: {AutoNetns} (every accessible one), "
                + $"{NetworkNamespaces.Self}, {AllNetns}, or a name, inode or container id.",
            FlagKinds.Word($"{AutoNetns}, {NetworkNamespaces.Self}, {AllNetns} or a name")
        );

    public static Option<int> NetnsWorst { get; } =
        Flag(
            "--netns.worst",
            NetnsWorstByDefault.ToString(CultureInfo.InvariantCulture),
            "Number of network namespaces besides the exporter's own that are shown in "
                + "detail. The others are only summed.",
            FlagKinds.Number(1, CountAtMost)
        );

    public static Option<TimeSpan> MaxAge { get; } =
        Flag(
            "--sampling.max-age",
            "1s",
            "Maximum age of a snapshot that is served again. 0s makes a new one for every scrape.",
            FlagKinds.Duration
        );

    public static Option<string> ProcPath { get; } =
        Flag("--path.procfs", ProcMount.Default, "Mount point of procfs.", FlagKinds.Directory);

    public static Option<string> SysPath { get; } =
        Flag(
            "--path.sysfs",
            CgroupMount.Sysfs,
            "Mount point of sysfs. The cgroup2 hierarchy below it identifies the owners of sockets.",
            FlagKinds.DirectoryOr(CgroupMount.Sysfs)
        );

    public static Option<string> RootPath { get; } =
        Flag(
            "--path.rootfs",
            "/",
            "Mount point of the machine's file system. The sysctl.d files below it are "
                + "compared with present values.",
            FlagKinds.Directory
        );

    public static Option<ImmutableArray<string>> OpenClawConfiguration { get; } =
        Flag(
            "--openclaw.config",
            "/etc/openclaw/daemon.yml,/etc/openclaw/services/*.yml",
            "Configuration files of OpenClaw's services, for their own limits. Separate paths "
                + "with commas; the last part may have stars.",
            FlagKinds.Paths,
            many: Commas
        );

    public static Option<LogEventLevel> LogLevel { get; } =
        Flag("--log.level", "info", $"Lowest level of messages to log: {Levels.Expected}.", Levels);

    public static Option<LogFormat> LogFormat { get; } =
        Flag("--log.format", "text", $"Format of log lines: {Formats.Expected}.", Formats);

    public static Option<string> OpenClawLog { get; } =
        Flag(
            "--openclaw.log",
            Auto,
            "The log of OpenClaw; its errors are counted by code from the start of the "
                + "exporter. A file, a FIFO, or a pattern with stars, such as "
                + $"/tmp/openclaw/openclaw*-*.log. {Auto} is the log of the Gateway on this machine; "
                + $"{Off} reads no log.",
            FlagKinds.Text("a path")
        );

    public static Option<ImmutableArray<string>> StatusCommand { get; } =
        Flag(
            "--openclaw.status-command",
            "",
            "Command that prints the state of OpenClaw, such as 'openclaw gateway status "
                + "--json'. Words, or a JSON array of strings. It runs without a shell. Each run of "
                + "openclaw costs 1 to 2 s of CPU.",
            FlagKinds.Command,
            many: JsonArray
        );

    public static Option<TimeSpan> StatusInterval { get; } =
        Flag(
            "--openclaw.status-interval",
            "10m",
            "Interval between runs of --openclaw.status-command.",
            FlagKinds.Interval("1s", "30s or 2m")
        );

    public static Option<string> HealthUrl { get; } =
        Flag(
            "--openclaw.health-url",
            Auto,
            $"The Gateway's health address, such as http://127.0.0.1:18789/healthz. {Auto} "
                + "finds the Gateways on this machine by process title, command line or listener, "
                + $"and asks only their loopback addresses. {Off} asks none.",
            FlagKinds.UrlOr(Auto, Off)
        );

    public static Option<string> TokenFile { get; } =
        Flag(
            "--openclaw.token-file",
            "",
            "A file with the Gateway's token for requests to the health address. It is read before each request.",
            FlagKinds.Text("a path")
        );

    public static Option<Settings> Pools { get; } =
        Flag(
            "--" + FlagFile.Pools,
            "",
            "Thresholds of pools, and of their subjects by regular expression, as YAML: "
                + "{conntrack_entries: {warning: 60%, critical: 80%}}.",
            FlagKinds.Section("--" + FlagFile.Pools, "keys and values: pools with thresholds"),
            section: static settings => settings
        );

    public static Option<string> StateDirectory { get; } =
        Flag(
            "--state.directory",
            "",
            "A directory in which the exporter keeps its episodes over a restart, in a file of at most 4 MiB.",
            FlagKinds.DirectoryOr("")
        );

    public static Option<bool> Probe { get; } =
        Switch(
            "--probe",
            "true",
            "Try at each snapshot whether a program can still get a socket, a port and a connection."
        );

    public static Option<bool> NoProbe { get; } = Switch("--no-probe", "false", "Same as --probe=false.");

    /// <summary>All flags.</summary>
    public static IEnumerable<Option> All => Own.Concat(CollectorFlags.All);

    /// <summary>All flags except those of single readers, which the reference lists with the readers.</summary>
    public static IReadOnlyList<Option> Own { get; } =
    [
        ConfigFile,
        ListenAddress,
        SystemdSocket,
        WebConfigFile,
        MaxRequests,
        AllowedHosts,
        TelemetryPath,
        Watch,
        Netns,
        NetnsWorst,
        MaxAge,
        ProcPath,
        SysPath,
        RootPath,
        OpenClawConfiguration,
        LogLevel,
        LogFormat,
        OpenClawLog,
        StatusCommand,
        StatusInterval,
        HealthUrl,
        TokenFile,
        Pools,
        StateDirectory,
        Probe,
        NoProbe,
    ];

    /// <summary>Creates the flag of diagnose that sets how long counters are observed.</summary>
    public static Option<TimeSpan> Observe() =>
        Flag(
            "--observe",
            "1s",
            "Time in which to look for rising counters, such as drops. 0s looks once. Not "
                + "needed where a running exporter has that history.",
            FlagKinds.Duration
        );

    /// <summary>Creates the flag of history that sets how far it looks back.</summary>
    public static Option<TimeSpan> Since() =>
        Flag(
            "--since",
            "24h",
            "Time to look back. Problems that ended before are left out.",
            FlagKinds.Interval("1s", "30m or 2h")
        );

    /// <summary>Creates the flag for the length of a trace.</summary>
    public static Option<TimeSpan> TraceTime() =>
        Flag("--for", "30s", "Length of the trace. 0s traces until Ctrl+C.", FlagKinds.Duration);

    /// <summary>Creates the flag for the time of each trouble of a demonstration.</summary>
    public static Option<TimeSpan> TroubleTime() =>
        Flag(
            "--each",
            "10s",
            "Time of each trouble. A leak takes 90 s at least.",
            FlagKinds.Interval("100ms", "1500ms or 1m")
        );

    /// <summary>Creates the flag for the length of a trial.</summary>
    public static Option<TimeSpan> TrialTime() =>
        Flag(
            "--for",
            "0s",
            "Put everything back after this time, unless fix --keep is run before. 0s keeps it at once.",
            FlagKinds.Duration
        );

    /// <summary>Creates the flag for the length of a load test.</summary>
    public static Option<TimeSpan> LoadTime() =>
        Flag(
            "--for",
            "60s",
            "Length of the test: the connections are opened in its first half, and held in its second.",
            FlagKinds.Interval("100ms", "10s or 2m")
        );

    /// <summary>Creates the flag for the length of a watch without load.</summary>
    public static Option<TimeSpan> WatchTime() =>
        Flag("--watch", "0s", "Only look for this time, and report what creeps.", FlagKinds.Duration);

    /// <summary>Creates a flag that is on or off. Without a value, it is on.</summary>
    public static Option<bool> Switch(string name, string standard, string description) =>
        Flag(name, standard, description, FlagKinds.Switch, ArgumentArity.ZeroOrOne);

    /// <summary>Returns the kind of fault in an error.</summary>
    public static SettingFault FaultOf(ParseError error) =>
        error.SymbolResult is { } flag && Faults.TryGetValue(flag, out var fault) ? fault.Value : SettingFault.Usage;

    /// <summary>Returns the environment variable of a flag.</summary>
    public static string EnvironmentVariable(string flag) =>
        EnvironmentPrefix + flag.TrimStart('-').ToUpperInvariant().Replace('.', '_').Replace('-', '_');

    /// <summary>Returns true where a flag can be an environment variable, which its description names.</summary>
    public static bool HasVariable(Option flag) =>
        flag.Description?.EndsWith($"{EnvironmentVariable(flag.Name)})", StringComparison.Ordinal) == true;

    /// <summary>Creates a flag.</summary>
    /// <param name="name">The name, with dashes.</param>
    /// <param name="standard">The default value.</param>
    /// <param name="description">The purpose, for --help.</param>
    /// <param name="kind">The kind of value.</param>
    /// <param name="arity">The number of values on the command line.</param>
    /// <param name="many">Combines several values into one, where several are valid.</param>
    /// <param name="isInFile">True where the file may set it.</param>
    /// <param name="section">Returns the value for keys and values in the file; null where it takes a text.</param>
    static Option<T> Flag<T>(
        string name,
        string standard,
        string description,
        FlagKind<T> kind,
        ArgumentArity? arity = null,
        Func<IEnumerable<string>, string>? many = null,
        bool isInFile = true,
        Func<Settings, T>? section = null
    )
    {
        var variable = EnvironmentVariable(name);
        T Parse(ArgumentResult result, string text, string origin, SettingFault fault = SettingFault.Usage)
        {
            try
            {
                var (valid, value) = kind.Parse(text);
                if (!valid)
                    Refuse(result, $"{origin}: expected {kind.Expected}, found '{text}'", fault);
                return value;
            }
            catch (SettingException error)
            {
                Refuse(result, error.Message, error.Fault);
                return default!;
            }
        }

        T Standard(ArgumentResult result)
        {
            if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value)
                return Parse(result, value, variable);
            if (!isInFile || FileOf(result).Find(name) is not { } text)
                return Parse(result, standard, name);
            if (text.Section is { } below && section is not null)
                return section(below);
            if (section is not null)
            {
                Refuse(
                    result,
                    $"{text.Origin}: expected {kind.Expected}, found '{string.Join(", ", text.Texts)}'",
                    SettingFault.Malformed
                );
                return default!;
            }

            if (!text.IsList)
                return Parse(result, text.Texts[0], text.Origin, SettingFault.Malformed);
            if (many is not null)
                return Parse(result, many(text.Texts), text.Origin, SettingFault.Malformed);
            Refuse(result, $"{text.Origin}: expected {kind.Expected}, found a list", SettingFault.Malformed);
            return default!;
        }

        return new(name)
        {
            Description = $"{description} ({(standard.Length > 0 ? $"default {standard}; " : "")}{variable})",
            HelpName = kind.Expected,
            Arity = arity ?? ArgumentArity.ExactlyOne,

            // A flag without a value means true, where that is allowed.
            CustomParser = result =>
                Parse(
                    result,
                    result.Tokens switch
                    {
                        [] => bool.TrueString,
                        [var token] => token.Value,
                        var tokens => many!(tokens.Select(static token => token.Value)),
                    },
                    name
                ),
            DefaultValueFactory = Standard,
        };
    }

    static void Refuse(ArgumentResult result, string reason, SettingFault fault)
    {
        // The library's error names the flag, not its argument.
        Faults.AddOrUpdate(result.Parent ?? result, new(fault));
        result.AddError(reason);
    }

    static FlagFile FileOf(ArgumentResult result)
    {
        try
        {
            return result.GetValue(ConfigFile) ?? FlagFile.Empty;
        }
        catch (InvalidOperationException)
        {
            // The flag --config.file itself is wrong. The library reports that.
            return FlagFile.Empty;
        }
    }

    static string Commas(IEnumerable<string> texts) => string.Join(',', texts);

    static string JsonArray(IEnumerable<string> texts) =>
        $"[{string.Join(", ", texts.Select(static text => $"\"{JsonEncodedText.Encode(text)}\""))}]";

    static (bool, FlagFile) ParseFlagFile(string path)
    {
        if (path.Length == 0)
            return (true, FlagFile.Empty);
        var names = All.Where(static flag => flag != ConfigFile)
            .Select(static flag => flag.Name.TrimStart('-'))
            .ToArray();
        return (true, FlagFile.Parse(path, new InputFiles().Read(path), names));
    }
}
