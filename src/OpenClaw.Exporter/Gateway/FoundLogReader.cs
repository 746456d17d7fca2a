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
    Missing? _unreached;
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

    /// <summary>Returns the errors of the log that is followed; missing where none is.</summary>
    public Reading<ClwErrors> Look()
    {
        lock (_lock)
        {
            return _log?.Look()
                ?? _unreached
                ?? new Missing(Absence.NotPresent, "no log of an OpenClaw Gateway on this machine");
        }
    }

    /// <inheritdoc/>
    protected override Reading<ClwErrors> Read(SamplingPass sampling)
    {
        var logged = sampling.Get<FoundGateways>().TryGet(out var found)
            ? found.Running.Where(static gateway => gateway.Log.Length > 0).ToList()
            : [];
        lock (_lock)
        {
            if (Choose(logged) is { } path)
                Follow(path);
            _unreached = found?.Running.Select(static gateway => gateway.Unreached).FirstOrDefault();
        }

        return Look();
    }

    /// <summary>A machine without a Gateway, or a Gateway that has not logged yet, is no failure.</summary>
    protected override Missing? FailureFrom(Missing missing) => missing.Outcome == Outcome.None ? null : missing;

    /// <summary>
    /// Returns another log to follow; null to stay with the present one. A Gateway in the exporter's own network
    /// namespace has precedence. The log of one that ended is followed until such a Gateway runs.
    /// </summary>
    string? Choose(List<FoundGateway> logged)
    {
        var here = logged.Where(static gateway => gateway.IsHere == true).ToList();
        var candidates = here.Count > 0 || _path.Length > 0 ? here : logged;
        return candidates.Exists(gateway => gateway.Log == _path) ? null : candidates.FirstOrDefault()?.Log;
    }

    void Follow(string path)
    {
        _log?.Dispose();
        (_path, _log) = (path, new(path, clock));
        if (_isStarted)
            _ = _log.StartAsync(CancellationToken.None);
    }
}
