using System.Security.Cryptography;
using OpenClaw.Exporter.Configuration;
using OpenTelemetry.Exporter;

namespace OpenClaw.Exporter.Otlp;

/// <summary>The SDK's exporter with an HTTP client that stays open between pushes and can be cancelled.</summary>
sealed class OtlpConnection : IDisposable
{
    readonly HttpClient _client;
    readonly PushAnswer? _answer;

    /// <summary>Creates the connection. The first push opens it.</summary>
    /// <exception cref="SettingException">The headers or certificates are invalid.</exception>
    public OtlpConnection(OtlpSettings settings)
    {
        var options = settings.Options;
        Target = options.Endpoint.GetComponents(
            UriComponents.SchemeAndServer | UriComponents.Path,
            UriFormat.UriEscaped
        );
        Interval = settings.Interval;
        (_client, _answer) = Client(options, settings.HasCertificates);
        options.HttpClientFactory = () => _client;
        try
        {
            Exporter = new(options);
        }
        catch (ArgumentException)
        {
            // Without the value that was found: headers contain tokens.
            throw new SettingException(
                "OTEL_EXPORTER_OTLP_HEADERS: expected name=value pairs separated by commas, each name once"
            );
        }
    }

    /// <summary>The address of the endpoint, without password and token, for messages.</summary>
    public string Target { get; }

    /// <summary>The time from one push to the next.</summary>
    public TimeSpan Interval { get; }

    /// <summary>The exporter that writes and sends a push.</summary>
    public OtlpMetricExporter Exporter { get; }

    /// <summary>The reason why the last push failed.</summary>
    public string Failure => _answer?.Failure ?? "failed; the SDK gives no reason when certificates are configured";

    /// <summary>Forgets the result of the last push.</summary>
    public void Begin() => _answer?.Forget();

    /// <summary>Cancels a push in progress. Every later one fails at once.</summary>
    public void Dispose() => _client.Dispose();

    static (HttpClient Client, PushAnswer? Answer) Client(OtlpExporterOptions options, bool hasCertificates)
    {
        var timeout = TimeSpan.FromMilliseconds(options.TimeoutMilliseconds);
        if (!hasCertificates)
        {
            var answer = new PushAnswer(timeout);
            return (
                new(answer) { Timeout = timeout, MaxResponseContentBufferSize = options.MaxResponseSizeBytes },
                answer
            );
        }

        try
        {
            // The SDK's own client, which accepts no handler around it.
            return (options.HttpClientFactory(), null);
        }
        catch (Exception error)
            when (error
                    is InvalidOperationException
                        or IOException
                        or UnauthorizedAccessException
                        or CryptographicException
            )
        {
            throw new SettingException(
                $"OTEL_EXPORTER_OTLP_CERTIFICATE, _CLIENT_CERTIFICATE or _CLIENT_KEY: {error.Message}"
            )
            {
                Fault =
                    error.GetBaseException() is CryptographicException
                        ? SettingFault.Malformed
                        : SettingFault.Unreadable,
            };
        }
    }
}
