using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Wording;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace OpenClaw.Exporter.Otlp;

/// <summary>
/// Pushes what /metrics shows to an OpenTelemetry receiver, at an interval. One provider of the SDK's lives as long as
/// the exporter; its instruments come and go with the room that they need.
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

    /// <summary>Makes it; it pushes once it was started.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="current">What.</param>
    /// <param name="logger">Where it is said that pushes begin to fail, and arrive again.</param>
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
        // First, so that no further push begins.
        base.Dispose();
        _connection.Dispose();
        bool isPushing;
        lock (_lock)
            isPushing = !_pushing.IsCompleted;

        // A push that is still under way, as one may be that asks for the address of a name, changes the families, and
        // the provider would wait for it. Where that is left behind the process ends.
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

    /// <summary>Pushes once; why it failed, or null.</summary>
    async Task<string?> PushAsync(CancellationToken stop)
    {
        try
        {
            var exposition = await _current.GetAsync(CurrentExposition.TimeoutAtMost);

            // On a thread of its own: the SDK's waits for the answer, and those of the pool are few where CPUs are.
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

    [LoggerMessage(LogLevel.Warning, "Cannot push metrics to {Endpoint}, and keeps trying: {Reason}")]
    partial void PushFails(string endpoint, string reason);

    [LoggerMessage(LogLevel.Debug, "A push to {Endpoint} broke off")]
    partial void PushBreaks(Exception bug, string endpoint);

    [LoggerMessage(LogLevel.Information, "Pushes metrics to {Endpoint} again")]
    partial void PushWorks(string endpoint);
}
