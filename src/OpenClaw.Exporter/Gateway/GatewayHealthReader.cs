using System.Net.Sockets;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Gateway;

/// <summary>
/// Asks the Gateway for its health, at an interval and over one connection that stays open. New connections would use
/// up ephemeral ports themselves.
/// </summary>
sealed class GatewayHealthReader : PolledReader<GatewayHealth>
{
    const int BodyAtMost = 64 * 1024;

    readonly Uri _address;
    readonly TimeSpan _timeout;
    readonly HttpClient _client;

    public GatewayHealthReader(Uri address, TimeSpan interval, TimeSpan timeout)
        : base(
            "openclaw_gateway",
            address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped),
            interval
        )
    {
        _address = address;
        _timeout = timeout;
        _client = new(
            new SocketsHttpHandler
            {
                UseProxy = false,
                AllowAutoRedirect = false,
                UseCookies = false,
                MaxConnectionsPerServer = 1,
            }
        )
        {
            MaxResponseContentBufferSize = BodyAtMost,
            Timeout = timeout,
        };
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _client.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    public override async Task<Reading<GatewayHealth>> AskAsync(CancellationToken stop)
    {
        try
        {
            using var answer = await _client.GetAsync(_address, stop);
            return Health(
                answer.IsSuccessStatusCode
                    && GatewayHealth.SaysHealthy(await answer.Content.ReadAsByteArrayAsync(stop)),
                null
            );
        }
        catch (HttpRequestException error)
        {
            // A lack of ports or descriptors in the exporter itself shows nothing about the Gateway.
            return
                error.InnerException
                    is SocketException
                    {
                        SocketErrorCode: SocketError.AddressNotAvailable or SocketError.TooManyOpenSockets
                    } own
                ? new Missing(Absence.Failed, $"{Source}: {own.Message}")
                : Health(false, $"{Source}: {error.Message}");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Health(false, $"{Source}: no answer within {_timeout.TotalSeconds:0.###} s");
        }
    }

    GatewayHealth Health(bool isHealthy, string? noAnswer) => new(isHealthy, noAnswer) { Port = (ushort)_address.Port };

    /// <inheritdoc/>
    protected override Missing? Shortfall(GatewayHealth value) =>
        value.NoAnswer is { } reason ? new(Absence.Failed, reason) : null;
}
