using System.Security.Cryptography;
using OpenClaw.Exporter.Configuration;
using OpenTelemetry.Exporter;

namespace OpenClaw.Exporter.Otlp;

/// <summary>The SDK's exporter with an HTTP client that is kept from push to push and can be told to give up.</summary>
sealed class OtlpConnection : IDisposable
{
    readonly HttpClient _client;
    readonly PushAnswer? _answer;

    /// <summary>Makes it; connects with the first push.</summary>
    /// <exception cref="SettingException">The headers or certificates cannot be used.</exception>
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
            // Without what was found: headers are where tokens are.
            throw new SettingException(
                "OTEL_EXPORTER_OTLP_HEADERS: expected name=value pairs separated by commas, each name once"
            );
        }
    }

    /// <summary>Where the pushes go, without password and token, for messages.</summary>
    public string Target { get; }

    /// <summary>The time from one push to the next.</summary>
    public TimeSpan Interval { get; }

    /// <summary>What writes and sends a push.</summary>
    public OtlpMetricExporter Exporter { get; }

    /// <summary>Why the last push failed.</summary>
    public string Failure =>
        _answer?.Failure ?? "no success, for a reason that the SDK does not tell where certificates are configured";

    /// <summary>Forgets how the last push went.</summary>
    public void Begin() => _answer?.Forget();

    /// <summary>Ends a push that is under way; every further one fails at once.</summary>
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
            // The SDK's own, which nothing can be put around.
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
