using System.Diagnostics;
using OpenClaw.Exporter.Configuration;
using Serilog.Core;
using Serilog.Events;
using Serilog.Parsing;

namespace OpenClaw.Exporter.Logging;

/// <summary>
/// The log's events on their way to a slow reader. The caller never waits: a thread of its own writes them, and events
/// beyond a limit are dropped and counted. Events that clients cause pass once a minute, however many there are.
/// </summary>
sealed class LogQueue : ILogEventSink, IDisposable
{
    /// <summary>The category of events that any client can cause.</summary>
    public const string Clients = "clients";

    /// <summary>The limit on kinds that are told apart. Each is a text in the program.</summary>
    const int KindsAtMost = 200;

    /// <summary>The time that the last events have when the program ends.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    static readonly MessageTemplate Missing = new MessageTemplateParser().Parse(
        "Log lines missing: {Count}; too many of a kind, or nobody reads the log"
    );

    readonly Queue<LogEvent> _waiting = [];
    readonly Dictionary<string, Kind> _kinds = [];
    readonly Action<LogEvent> _write;
    readonly bool _isLimited;
    readonly Thread _writer;
    bool _isEnding;
    long _dropped;
    long _told;
    long _toldAt = Stopwatch.GetTimestamp();

    /// <summary>Starts the thread that writes.</summary>
    /// <param name="write">Writes an event, and may wait for ever.</param>
    /// <param name="isLimited">False to pass all events of a kind.</param>
    public LogQueue(Action<LogEvent> write, bool isLimited)
    {
        (_write, _isLimited) = (write, isLimited);
        _writer = new(WriteAll, 128 * 1024) { IsBackground = true, Name = "log" };
        _writer.Start();
    }

    /// <summary>The number of events that were dropped since the start.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <inheritdoc/>
    public void Emit(LogEvent logEvent)
    {
        lock (_waiting)
        {
            if (_waiting.Count >= ExporterBounds.WaitingLogEvents || !IsWithinMinute(logEvent))
            {
                Drop();
                return;
            }

            _waiting.Enqueue(logEvent);
            Monitor.Pulse(_waiting);
        }
    }

    /// <summary>Waits a moment for the last events to be written.</summary>
    public void Dispose()
    {
        lock (_waiting)
        {
            _isEnding = true;
            Monitor.Pulse(_waiting);
        }

        _writer.Join(Patience);
    }

    bool IsWithinMinute(LogEvent logEvent)
    {
        if (!_isLimited)
            return true;
        if (_kinds.Count >= KindsAtMost)
            _kinds.Clear();
        var text = logEvent.MessageTemplate.Text;
        var now = Stopwatch.GetTimestamp();
        if (!_kinds.TryGetValue(text, out var kind) || Stopwatch.GetElapsedTime(kind.Since, now) >= Minute)
            _kinds[text] = kind = new(now);
        return ++kind.Count <= (IsCausedByClients(logEvent) ? 1 : ExporterBounds.LogEventsOfKind);
    }

    static bool IsCausedByClients(LogEvent logEvent) =>
        logEvent.Properties.TryGetValue(Constants.SourceContextPropertyName, out var context)
        && context is ScalarValue { Value: string category }
        && (category == Clients || category.StartsWith("Microsoft.", StringComparison.Ordinal));

    void WriteAll()
    {
        while (Next() is { } next)
        {
            try
            {
                _write(next);
            }
#pragma warning disable CA1031 // An event that cannot be formatted must not end the log.
            catch (Exception)
#pragma warning restore CA1031
            {
                Drop();
            }
        }
    }

    /// <summary>Waits for the next event, or for the time to tell how many are missing. Null at the end.</summary>
    LogEvent? Next()
    {
        lock (_waiting)
        {
            while (true)
            {
                var untold = _dropped - _told;
                var left = Minute - Stopwatch.GetElapsedTime(_toldAt);
                if (untold > 0 && (left <= TimeSpan.Zero || (_isEnding && _waiting.Count == 0)))
                {
                    (_told, _toldAt) = (_dropped, Stopwatch.GetTimestamp());
                    return new(
                        DateTimeOffset.Now,
                        LogEventLevel.Warning,
                        null,
                        Missing,
                        [new("Count", new ScalarValue(untold))]
                    );
                }

                if (_waiting.TryDequeue(out var next))
                    return next;
                if (_isEnding)
                    return null;
                Monitor.Wait(_waiting, untold > 0 ? left : Timeout.InfiniteTimeSpan);
            }
        }
    }

    void Drop()
    {
        lock (_waiting)
        {
            _dropped++;
            Monitor.Pulse(_waiting);
        }
    }

    /// <summary>The events of a kind in a minute.</summary>
    sealed class Kind(long since)
    {
        public long Since => since;

        public int Count { get; set; }
    }
}
