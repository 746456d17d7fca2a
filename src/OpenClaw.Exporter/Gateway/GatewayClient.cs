using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Gateway;

/// <summary>
/// Asks one Gateway for its health, over a connection that stays open. New connections would use up ephemeral ports
/// themselves.
/// </summary>
sealed partial class GatewayClient : IDisposable
{
    const string Page = "answers with HTML, which is the Gateway's page for every unknown path";

    readonly Uri _address;
    readonly TimeSpan _timeout;
    readonly string _tokenFile;
    readonly HttpClient _client;
    Missing? _notEntered;
    string? _certificateFault;
    string? _version;
    double? _uptime;

    /// <summary>Creates a client without a connection.</summary>
    /// <param name="address">The health address.</param>
    /// <param name="timeout">The limit on the time of one answer.</param>
    /// <param name="tokenFile">The file with the token; empty for none.</param>
    /// <param name="open">Opens a socket in the Gateway's network namespace; null for the exporter's own.</param>
    public GatewayClient(
        Uri address,
        TimeSpan timeout,
        string tokenFile = "",
        Func<AddressFamily, Reading<Socket>>? open = null
    )
    {
        (_address, _timeout, _tokenFile) = (address, timeout, tokenFile);
        Source = address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            MaxConnectionsPerServer = 1,
        };

        if (address.IsLoopback)
        {
#pragma warning disable CA5359 // The Gateway signs its certificate itself, and over loopback nobody else can answer.
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, faults) =>
            {
                _certificateFault = GatewayCertificate.FaultOf(
                    certificate as X509Certificate2,
                    chain,
                    faults,
                    address.IdnHost
                );
                return _certificateFault is null;
            };
        }

        if (open is not null)
            handler.ConnectCallback = (_, stop) => ConnectAsync(open, stop);
        _client = new(handler) { MaxResponseContentBufferSize = ExporterBounds.GatewayAnswerBytes, Timeout = timeout };

        // A connection that stays open keeps its network namespace alive, also after the end of the Gateway.
        _client.DefaultRequestHeaders.ConnectionClose = open is not null;
    }

    /// <summary>The address without what is secret in it.</summary>
    public string Source { get; }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>Asks once. Where the health address is the Gateway's own, it asks for readiness, too.</summary>
    public async Task<Reading<GatewayHealth>> AskAsync(CancellationToken stop)
    {
        _certificateFault = null;
        try
        {
            using var answer = await GetAsync(_address, stop);
            if (!answer.IsSuccessStatusCode)
                return Health(false, null);
            var body = await answer.Content.ReadAsByteArrayAsync(stop);
            if (GatewayHealth.IsHtml(body))
                return Health(false, $"{Source}: {Page}");
            var health = Health(GatewayHealth.SaysHealthy(body), null);
            return GatewayHealth.IsOfGateway(body) && _address.AbsolutePath is "/health" or "/healthz"
                ? await WithReadinessAsync(health, stop)
                : health;
        }
        catch (HttpRequestException) when (_notEntered is { } missing)
        {
            return missing;
        }
        catch (HttpRequestException) when (_certificateFault is { } fault)
        {
            return Health(false, $"{Source}: {fault}");
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
        catch (IOException error)
        {
            return new Missing(Absence.Failed, error.Message);
        }
        catch (FormatException error)
        {
            return new Missing(Absence.Failed, $"{_tokenFile}: {error.Message}");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Health(false, $"{Source}: no answer within {_timeout.TotalSeconds:0.###} s") with
            {
                HasTimedOut = true,
            };
        }
    }

    async Task<GatewayHealth> WithReadinessAsync(GatewayHealth health, CancellationToken stop)
    {
        try
        {
            // It answers 503 with the same body while it is not ready.
            using var answer = await GetAsync(new(_address, "/readyz"), stop);
            if (GatewayReadiness.Parse(await answer.Content.ReadAsByteArrayAsync(stop)) is not { } readiness)
                return health;
            if (_version is null || !(readiness.UptimeSeconds >= _uptime))
                _version = await VersionAsync(stop);
            _uptime = readiness.UptimeSeconds;
            return health with { Readiness = readiness, Version = _version };
        }
        catch (Exception error)
            when (error is HttpRequestException or OperationCanceledException && !stop.IsCancellationRequested)
        {
            return health;
        }
    }

    /// <summary>Returns the version that the control page shows; empty where it shows none.</summary>
    async Task<string> VersionAsync(CancellationToken stop)
    {
        using var answer = await GetAsync(new(_address, "/"), stop);
        var page = await answer.Content.ReadAsStringAsync(stop);
        return BuildId().Match(page) is { Success: true } build ? build.Groups[1].Value : "";
    }

    async Task<HttpResponseMessage> GetAsync(Uri address, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (_tokenFile.Length > 0)
            request.Headers.Authorization = new("Bearer", Token());
        return await _client.SendAsync(request, stop);
    }

    async ValueTask<Stream> ConnectAsync(Func<AddressFamily, Reading<Socket>> open, CancellationToken stop)
    {
        var address = IPAddress.Parse(_address.IdnHost);
        var opened = open(address.AddressFamily);
        _notEntered = opened.Missing;
        if (!opened.TryGet(out var socket))
            throw new IOException(opened.Missing!.Detail);
        try
        {
            await socket.ConnectAsync(address, _address.Port, stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Reads the token each time, so that a new one counts at once.</summary>
    string Token() =>
        RegularFile.ReadText(_tokenFile, ExporterBounds.TokenFileBytes) is var text && text.TryGet(out var token)
            ? token.Trim()
            : throw new IOException(text.Missing!.Detail);

    GatewayHealth Health(bool isHealthy, string? noAnswer) => new(isHealthy, noAnswer) { Port = (ushort)_address.Port };

    [GeneratedRegex("control-ui-build-id=\"([0-9][0-9A-Za-z.]{0,30})", RegexOptions.CultureInvariant)]
    private static partial Regex BuildId();
}
