using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Cli;

/// <summary>
/// The program's exit codes. A diagnosis has 0 to 3, like the plugins of monitoring systems. A failure of the program
/// itself has the number of sysexits.h.
/// </summary>
static class ExitCodes
{
    /// <summary>OK. Also the code of a server that was told to stop, a passed health check, and --help.</summary>
    public const int Ok = 0;

    /// <summary>WARNING.</summary>
    public const int Warning = 1;

    /// <summary>CRITICAL.</summary>
    public const int Critical = 2;

    /// <summary>UNKNOWN.</summary>
    public const int Unknown = 3;

    /// <summary>The code of a failed health check. Besides 0, container engines define only this number.</summary>
    public const int Unhealthy = 1;

    /// <summary>The code of a failed load test or watch.</summary>
    public const int NotVerified = 1;

    /// <summary>EX_USAGE: the command line or the environment is invalid.</summary>
    public const int Usage = 64;

    /// <summary>EX_DATAERR: a settings file has an error.</summary>
    public const int Malformed = 65;

    /// <summary>EX_NOINPUT: a settings file, or a file that it names, is unreadable.</summary>
    public const int Unreadable = 66;

    /// <summary>
    /// EX_UNAVAILABLE: the server cannot listen, a trace or demonstration is impossible, or the system is not Linux.
    /// </summary>
    public const int Unavailable = 69;

    /// <summary>EX_SOFTWARE: the program has a bug.</summary>
    public const int Software = 70;

    /// <summary>EX_IOERR: the output cannot be written.</summary>
    public const int OutputFailed = 74;

    /// <summary>
    /// EX_TEMPFAIL: a fix was not applied or not undone. The message names each value that stays changed.
    /// </summary>
    public const int NotFixed = 75;

    /// <summary>EX_NOPERM: a fix needs root, or may not write here.</summary>
    public const int NotPermitted = 77;

    /// <summary>
    /// 128 + SIGPIPE, as a shell reports a program that this signal ended: the reader of the output is gone.
    /// </summary>
    public const int BrokenPipe = 141;

    /// <summary>Every code with its meaning, for the reference.</summary>
    public static ImmutableArray<(int Code, string Meaning)> All { get; } =
    [
        (
            Ok,
            "`status`, `diagnose` and `top --once`: OK. `healthcheck`: the exporter serves. `top`, `trace`: ended. "
                + "`fix`: it printed a plan, applied or undid it. `verify`: PASSED. Server: stopped by a signal."
        ),
        (
            Warning,
            "`status`, `diagnose` and `top --once`: WARNING. `healthcheck`: the exporter does not serve, or is not "
                + "ready. `verify`: FAILED."
        ),
        (Critical, "`status`, `diagnose` and `top --once`: CRITICAL."),
        (
            Unknown,
            "`status`, `diagnose` and `top --once`: UNKNOWN. A requested reading failed, and nothing else is worse."
        ),
        (Usage, "A flag or an environment variable is invalid."),
        (Malformed, "A settings file is invalid; the message names the line."),
        (Unreadable, "A settings file, or a file that it names, cannot be read."),
        (
            Unavailable,
            "The server cannot listen on its addresses, `trace` cannot trace, or `demo` gets no user namespace. "
                + "The stack limit is too small, or the system is not Linux. `fix`: no command helps, or too little "
                + "could be read. `verify`: it cannot enter the network namespace."
        ),
        (Software, "An unexpected error; `--log.level=debug` prints its origin."),
        (OutputFailed, "The output cannot be written: a full disk, a closed descriptor."),
        (NotFixed, "`fix`: a change failed and was undone, or a value is not as in the plan."),
        (NotPermitted, "`fix`: it needs root, or may not write here; the message names the place to run it."),
        (BrokenPipe, "The reader of the output closed it, as in `openclaw-exporter diagnose | head -1`. No message."),
    ];

    /// <summary>Returns the exit code of a verdict.</summary>
    public static int ForCondition(PoolCondition condition) =>
        condition switch
        {
            PoolCondition.Ok => Ok,
            PoolCondition.Warning => Warning,
            PoolCondition.Critical => Critical,
            _ => Unknown,
        };

    /// <summary>Returns the exit code of an invalid setting.</summary>
    public static int ForFault(SettingFault fault) =>
        fault switch
        {
            SettingFault.Malformed => Malformed,
            SettingFault.Unreadable => Unreadable,
            _ => Usage,
        };
}
