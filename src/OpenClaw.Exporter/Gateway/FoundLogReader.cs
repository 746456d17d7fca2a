using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Gateway;

/// <summary>Follows the log of the Gateway that was found, also after that Gateway ended.</summary>
/// <param name="clock">The clock that dates the errors.</param>
sealed class FoundLogReader(TimeProvider clock)
    : Reader<ClwErrors>("openclaw_log", "the log of the Gateway that runs here"),
        IHostedService,
        IDisposable
{
    readonly Lock _lock = new();
    ClwLogReader? _log;
    string _path = "";
    bool _isStarted;

    /// <inheritdoc/>
    public override ImmutableArray<Type> Needs { get; init; } = [typeof(FoundGateways)];

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _isStarted = true;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) =>
        _log?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _log?.Dispose();

    /// <inheritdoc/>
    protected override Reading<ClwErrors> Read(SamplingPass sampling)
    {
        var path = sampling.Get<FoundGateways>().TryGet(out var found)
            ? found.Running.Select(static gateway => gateway.Log).FirstOrDefault(static log => log.Length > 0)
            : null;
        lock (_lock)
        {
            if (path is not null && path != _path)
                Follow(path);
            return _log?.Look() ?? new Missing(Absence.NotPresent, "no log of an OpenClaw Gateway on this machine");
        }
    }

    /// <summary>A machine without a Gateway, or a Gateway that has not logged yet, is no failure.</summary>
    protected override Missing? FailureFrom(Missing missing) => missing.Outcome == Outcome.None ? null : missing;

    void Follow(string path)
    {
        _log?.Dispose();
        (_path, _log) = (path, new(path, clock));
        if (_isStarted)
            _ = _log.StartAsync(CancellationToken.None);
    }
}
