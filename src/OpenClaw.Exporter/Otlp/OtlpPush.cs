using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Wording;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace OpenClaw.Exporter.Otlp;

/// <summary>
/// Pushes the metrics of /metrics to an OpenTelemetry receiver, at an interval. The SDK's provider lives as long as the
/// exporter. Its instruments are replaced when they need more room.
/// </summary>
sealed partial class OtlpPush : BackgroundService
{
    readonly OtlpConnection _connection;
    readonly CurrentExposition _current;
    readonly ILogger<OtlpPush> _logger;
    readonly MeterProvider _provider;
    readonly Dictionary<string, PushedFamily> _families = [];
    readonly Lock _lock = new();
    Task _pushing = Task.CompletedTask;
    bool _isFailing;

    /// <summary>Creates the push; it starts with the server.</summary>
    /// <param name="connection">The connection to the receiver.</param>
    /// <param name="current">The exposition to push.</param>
    /// <param name="logger">The log, which reports pushes that start to fail and pushes that arrive again.</param>
    public OtlpPush(OtlpConnection connection, CurrentExposition current, ILogger<OtlpPush> logger)
    {
        (_connection, _current, _logger) = (connection, current, logger);
        _provider = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(
                ResourceBuilder
                    .CreateEmpty()
                    .AddService(
                        PushedFamily.MeterName,
                        serviceVersion: BuildInfo.Version,
                        serviceInstanceId: Environment.MachineName
                    )
                    .AddAttributes([new("host.name", Environment.MachineName)])
                    .AddTelemetrySdk()
                    .AddEnvironmentVariableDetector()
            ) // Last: what the environment says holds.
            .AddMeter(PushedFamily.MeterName)
            .AddView(instrument =>
                instrument.Meter.Scope == this
                    ? new MetricStreamConfiguration { CardinalityLimit = _families[instrument.Name].Room }
                    : MetricStreamConfiguration.Drop
            )
            .AddReader(new BaseExportingMetricReader(connection.Exporter))
            .Build();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        // The base stops first, so that no further push starts.
        base.Dispose();
        _connection.Dispose();
        bool isPushing;
        lock (_lock)
            isPushing = !_pushing.IsCompleted;

        // A push may still be in progress, for example in a name lookup. It changes the families, and the provider
        // would wait for it. It ends with the process.
        if (isPushing)
            return;
        foreach (var family in _families.Values)
            family.Dispose();
        _provider.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_connection.Interval);
        try
        {
            do
            {
                var failure = await PushAsync(stoppingToken);
                stoppingToken.ThrowIfCancellationRequested();
                Report(failure);
            } while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            _connection.Dispose();
        }
    }

    /// <summary>Pushes once. Returns the reason of a failure, or null.</summary>
    async Task<string?> PushAsync(CancellationToken stop)
    {
        try
        {
            var exposition = await _current.GetAsync(CurrentExposition.TimeoutAtMost);

            // The push has a thread of its own. The SDK's thread waits for the answer, and on few CPUs the thread pool
            // is small.
            Task<bool> pushing;
            lock (_lock)
            {
                stop.ThrowIfCancellationRequested();
                pushing = Task.Factory.StartNew(
                    () => Push(exposition),
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default
                );
                _pushing = pushing;
            }

            return await pushing.WaitAsync(stop) ? null : _connection.Failure;
        }
#pragma warning disable CA1031 // A bug here must not end the pushing.
        catch (Exception bug) when (!stop.IsCancellationRequested)
#pragma warning restore CA1031
        {
            PushBreaks(bug, _connection.Target);
            return OneLine.From(bug);
        }
    }

    bool Push(Exposition exposition)
    {
        _connection.Begin();
        foreach (var (family, samples) in exposition.Families)
        {
            if (_families.TryGetValue(family.Name, out var pushed))
                pushed.Show(samples);
            else if (!samples.IsEmpty)
                (_families[family.Name] = new(family, this)).Show(samples);
        }

        return _provider.ForceFlush();
    }

    void Report(string? failure)
    {
        if (failure is not null == _isFailing)
            return;
        _isFailing = failure is not null;
        if (failure is not null)
            PushFails(_connection.Target, failure);
        else
            PushWorks(_connection.Target);
    }

    [LoggerMessage(LogLevel.Warning, "Cannot push metrics to {Endpoint}; retrying: {Reason}")]
    partial void PushFails(string endpoint, string reason);

    [LoggerMessage(LogLevel.Debug, "A push to {Endpoint} broke off")]
    partial void PushBreaks(Exception bug, string endpoint);

    [LoggerMessage(LogLevel.Information, "Pushing metrics to {Endpoint} works again")]
    partial void PushWorks(string endpoint);
}
