using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Gateway;

/// <summary>Asks the Gateway at a configured address for its health, at an interval.</summary>
sealed class GatewayHealthReader : PolledReader<GatewayHealth>
{
    readonly GatewayClient _client;

    /// <summary>Creates the reader without starting it.</summary>
    /// <param name="address">The health address.</param>
    /// <param name="interval">The time between two questions.</param>
    /// <param name="timeout">The limit on the time of one answer.</param>
    /// <param name="tokenFile">The file with the token; empty for none.</param>
    public GatewayHealthReader(Uri address, TimeSpan interval, TimeSpan timeout, string tokenFile = "")
        : this(new GatewayClient(address, timeout, tokenFile), interval) { }

    GatewayHealthReader(GatewayClient client, TimeSpan interval)
        : base("openclaw_gateway", client.Source, interval) => _client = client;

    /// <inheritdoc/>
    public override void Dispose()
    {
        _client.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    public override Task<Reading<GatewayHealth>> AskAsync(CancellationToken stop) => _client.AskAsync(stop);

    /// <inheritdoc/>
    protected override Missing? Shortfall(GatewayHealth value) =>
        value.NoAnswer is { } reason ? new(Absence.Failed, reason) : null;
}
