using OpenClaw.Exporter.Logging;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Web;

/// <summary>The reasons why a client was refused or disconnected.</summary>
enum Refusal
{
    /// <summary>An idle or greedy connection ended for another client.</summary>
    Evicted,

    /// <summary>A new connection was refused.</summary>
    Connections,

    /// <summary>A request exceeded --web.max-requests, the rate or the wait for passwords.</summary>
    Requests,

    /// <summary>A password was wrong.</summary>
    Password,

    /// <summary>An answer was not read in time.</summary>
    SlowReader,

    /// <summary>A client cancelled too many requests on one connection.</summary>
    Cancelled,

    /// <summary>A browser used a name of the server that is not allowed.</summary>
    Host,
}

/// <summary>Counts refused clients, and logs each reason at most once a minute.</summary>
/// <param name="loggers">Creates the log.</param>
sealed partial class Refusals(ILoggerFactory loggers)
{
    readonly ILogger _logger = loggers.CreateLogger(LogQueue.Clients);
    readonly long[] _counts = new long[Enum.GetValues<Refusal>().Length];

    /// <summary>Counts a refusal.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="client">The client.</param>
    public void Count(Refusal reason, string client)
    {
        Interlocked.Increment(ref _counts[(int)reason]);
        switch (reason)
        {
            case Refusal.Evicted:
                Evicts(client);
                break;
            case Refusal.Connections:
                RefusesConnection(client);
                break;
            case Refusal.Requests:
                RefusesRequest(client);
                break;
            case Refusal.Password:
                RefusesPassword(client);
                break;
            case Refusal.SlowReader:
                EndsSlowReader(client);
                break;
            case Refusal.Cancelled:
                EndsCancelling(client);
                break;
            case Refusal.Host:
                RefusesHost(client);
                break;
        }
    }

    /// <summary>Returns the counts by reason since the start.</summary>
    public IEnumerable<(Refusal Reason, long Count)> Counts =>
        Enum.GetValues<Refusal>().Select(reason => (reason, Volatile.Read(ref _counts[(int)reason])));

    [LoggerMessage(LogLevel.Warning, "All connections are taken; one ended for {Client}")]
    partial void Evicts(string client);

    [LoggerMessage(LogLevel.Warning, "All connections are taken; {Client} is refused")]
    partial void RefusesConnection(string client);

    [LoggerMessage(LogLevel.Warning, "Too many requests; {Client} is refused")]
    partial void RefusesRequest(string client);

    [LoggerMessage(LogLevel.Warning, "Wrong password from {Client}")]
    partial void RefusesPassword(string client);

    [LoggerMessage(LogLevel.Warning, "{Client} did not read its answer in time; the connection ended")]
    partial void EndsSlowReader(string client);

    [LoggerMessage(LogLevel.Warning, "{Client} cancelled too many requests; the connection ended")]
    partial void EndsCancelling(string client);

    [LoggerMessage(LogLevel.Warning, "A browser used the name {Name}; --web.allowed-hosts can allow it")]
    partial void RefusesHost(string name);
}

/// <summary>The counts of the exporter about itself.</summary>
/// <param name="Refused">The clients that were refused, by reason.</param>
/// <param name="DroppedLogEvents">The log events that were dropped.</param>
sealed record ExporterCounts(IReadOnlyList<(Refusal Reason, long Count)> Refused, long DroppedLogEvents);

/// <summary>Reads the counts of the exporter about itself.</summary>
/// <param name="refusals">The refused clients.</param>
/// <param name="log">The log.</param>
sealed class ExporterCountsReader(Refusals refusals, LogQueue log) : Reader<ExporterCounts>("exporter", "the exporter")
{
    public override bool IsOwn => true;

    protected override Reading<ExporterCounts> Read(SamplingPass sampling) =>
        new ExporterCounts([.. refusals.Counts], log.Dropped);
}
