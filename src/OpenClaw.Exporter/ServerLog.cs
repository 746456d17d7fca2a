namespace OpenClaw.Exporter;

/// <summary>The log messages of the server.</summary>
static partial class ServerLog
{
    [LoggerMessage(LogLevel.Information, "Listening on {Addresses}, version {Version}")]
    public static partial void Listening(this ILogger logger, string addresses, string version);

    [LoggerMessage(LogLevel.Information, "Pushing metrics to {Endpoint} every {Seconds} s")]
    public static partial void Pushing(this ILogger logger, string endpoint, double seconds);

    [LoggerMessage(LogLevel.Warning, "Running as root is not necessary; these capabilities are enough: {Privileges}")]
    public static partial void RunsAsRoot(this ILogger logger, string privileges);

    [LoggerMessage(LogLevel.Error, "Cannot listen on {Endpoint}: {Reason}")]
    public static partial void CannotListen(this ILogger logger, string endpoint, string reason);
}
