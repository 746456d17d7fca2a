using System.Globalization;
using OpenClaw.Exporter.Configuration;
using OpenTelemetry.Exporter;

namespace OpenClaw.Exporter.Otlp;

/// <summary>
/// The target and interval of pushes. They are no flags, because OpenTelemetry defines these variables for all
/// programs. Each variable exists for all signals and for metrics; that of metrics has precedence.
/// </summary>
/// <param name="Options">The options for the SDK. It reads the variables of resource and certificates itself.</param>
/// <param name="Interval">The time from one push to the next.</param>
/// <param name="HasCertificates">True where certificates are configured.</param>
sealed record OtlpSettings(OtlpExporterOptions Options, TimeSpan Interval, bool HasCertificates)
{
    const string Endpoint = "ENDPOINT";
    const string MetricsPath = "/v1/metrics";
    const string IntervalVariable = "OTEL_METRIC_EXPORT_INTERVAL";

    static readonly string[] Certificates = ["CERTIFICATE", "CLIENT_CERTIFICATE"];
    static readonly TimeSpan DefaultInterval = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Reads the settings from the environment; null when no endpoint is set or OpenTelemetry is disabled.
    /// </summary>
    /// <param name="environment">Returns the value of a variable; null or empty when it is not set.</param>
    /// <exception cref="SettingException">A variable is invalid.</exception>
    public static OtlpSettings? Read(Func<string, string?> environment)
    {
        var (name, endpoint) = Effective(environment, Endpoint);
        if (endpoint is null || IsOff(environment))
            return null;

        var options = new OtlpExporterOptions
        {
            Protocol = Word(
                environment,
                "PROTOCOL",
                ("grpc", OtlpExportProtocol.Grpc),
                ("http/protobuf", OtlpExportProtocol.HttpProtobuf)
            ),
            Compression = Word(
                environment,
                "COMPRESSION",
                ("none", OtlpExportCompression.None),
                ("gzip", OtlpExportCompression.GZip)
            ),
            Headers = Effective(environment, "HEADERS").Value,
        };
        options.Endpoint = Address(name, endpoint, options.Protocol);
        if (Effective(environment, "TIMEOUT") is (var variable, { } timeout))
            options.TimeoutMilliseconds = Milliseconds(variable, timeout);
        return new(
            options,
            environment(IntervalVariable) is { Length: > 0 } interval
                ? TimeSpan.FromMilliseconds(Milliseconds(IntervalVariable, interval))
                : DefaultInterval,
            Array.Exists(Certificates, certificate =>
                environment("OTEL_EXPORTER_OTLP_" + certificate) is { Length: > 0 }
            )
        );
    }

    static bool IsOff(Func<string, string?> environment) =>
        string.Equals(environment("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase)
        || environment("OTEL_METRICS_EXPORTER") == "none";

    /// <summary>
    /// Returns the variable of metrics if it is set, or else that of all signals. No value when neither is set.
    /// </summary>
    static (string Variable, string? Value) Effective(Func<string, string?> environment, string end)
    {
        var variable = "OTEL_EXPORTER_OTLP_METRICS_" + end;
        if (environment(variable) is not { Length: > 0 })
            variable = "OTEL_EXPORTER_OTLP_" + end;
        return (variable, environment(variable) is { Length: > 0 } value ? value : null);
    }

    /// <summary>
    /// Returns the address of pushes. An endpoint of metrics is used unchanged. To an endpoint of all signals, HTTP
    /// adds a path for each signal, and gRPC adds its own.
    /// </summary>
    static Uri Address(string variable, string text, OtlpExportProtocol protocol)
    {
        if (
            !Uri.TryCreate(text, UriKind.Absolute, out var address)
            || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps)
        )
        {
            throw new SettingException(
                $"{variable}: expected an http or https address, such as http://127.0.0.1:4317, found '{text}'"
            );
        }

        return protocol == OtlpExportProtocol.Grpc || variable.EndsWith("METRICS_" + Endpoint, StringComparison.Ordinal)
            ? address
            : new UriBuilder(address) { Path = address.AbsolutePath.TrimEnd('/') + MetricsPath }.Uri;
    }

    /// <summary>Returns the meaning of one of several words; the first when the variable is not set.</summary>
    static T Word<T>(Func<string, string?> environment, string end, params ReadOnlySpan<(string Word, T Meaning)> words)
    {
        var (variable, text) = Effective(environment, end);
        if (text is null)
            return words[0].Meaning;
        foreach (var (word, meaning) in words)
        {
            if (text == word)
                return meaning;
        }

        throw new SettingException($"{variable}: expected {words[0].Word} or {words[1].Word}, found '{text}'");
    }

    static int Milliseconds(string variable, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds > 0
            ? milliseconds
            : throw new SettingException($"{variable}: expected milliseconds, such as 60000, found '{text}'");
}
