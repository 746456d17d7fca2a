using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Cli;

/// <summary>
/// List of the program's exit codes. A diagnosis has 0 to 3, as the plugins of monitoring systems do; a failure of the
/// program itself has the number that sysexits.h gives it.
/// </summary>
static class ExitCodes
{
    /// <summary>OK. A server that was told to stop, a passed health check and --help exit so as well.</summary>
    public const int Ok = 0;

    /// <summary>WARNING.</summary>
    public const int Warning = 1;

    /// <summary>CRITICAL.</summary>
    public const int Critical = 2;

    /// <summary>UNKNOWN.</summary>
    public const int Unknown = 3;

    /// <summary>Failed health check: the only number beside 0 that container engines give a meaning to.</summary>
    public const int Unhealthy = 1;

    /// <summary>EX_USAGE: the command line or the environment cannot be used.</summary>
    public const int Usage = 64;

    /// <summary>EX_DATAERR: a settings file has a mistake in it.</summary>
    public const int Malformed = 65;

    /// <summary>EX_NOINPUT: a settings file, or a file that it names, cannot be read.</summary>
    public const int Unreadable = 66;

    /// <summary>EX_UNAVAILABLE: the server cannot listen, or the system is not Linux.</summary>
    public const int Unavailable = 69;

    /// <summary>EX_SOFTWARE: a mistake of the program's.</summary>
    public const int Software = 70;

    /// <summary>EX_IOERR: the output cannot be written.</summary>
    public const int OutputFailed = 74;

    /// <summary>
    /// 128 + SIGPIPE, as a shell reports a program that this signal ended: the output's reader has gone.
    /// </summary>
    public const int BrokenPipe = 141;

    /// <summary>Every code with its meaning, for the reference.</summary>
    public static ImmutableArray<(int Code, string Meaning)> All { get; } =
    [
        (Ok, "`status` and `diagnose`: OK. `healthcheck`: the exporter serves. The server: it was told to stop."),
        (Warning, "`status` and `diagnose`: WARNING. `healthcheck`: the exporter does not serve, or is not ready."),
        (Critical, "`status` and `diagnose`: CRITICAL."),
        (
            Unknown,
            "`status` and `diagnose`: UNKNOWN. Something that was asked for cannot be read, and nothing else is worse."
        ),
        (Usage, "A flag or an environment variable cannot be used."),
        (Malformed, "A settings file has a mistake in it; the message names the line."),
        (Unreadable, "A settings file, or a file that it names, cannot be read."),
        (Unavailable, "The server cannot listen on its addresses, or the system is not Linux."),
        (Software, "An unexpected error; `--log.level=debug` shows where."),
        (OutputFailed, "The output cannot be written: a full disk, a closed descriptor."),
        (BrokenPipe, "The reader of the output has gone, as in `openclaw-exporter diagnose | head -1`. No message."),
    ];

    /// <summary>Exit code of a verdict.</summary>
    public static int ForCondition(PoolCondition condition) =>
        condition switch
        {
            PoolCondition.Ok => Ok,
            PoolCondition.Warning => Warning,
            PoolCondition.Critical => Critical,
            _ => Unknown,
        };

    /// <summary>Exit code of a setting that cannot be used.</summary>
    public static int ForFault(SettingFault fault) =>
        fault switch
        {
            SettingFault.Malformed => Malformed,
            SettingFault.Unreadable => Unreadable,
            _ => Usage,
        };
}
