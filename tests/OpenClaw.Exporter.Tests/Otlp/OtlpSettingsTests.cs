using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Otlp;
using OpenTelemetry.Exporter;

namespace OpenClaw.Exporter.Tests;

public class OtlpSettingsTests
{
    const string Address = "http://127.0.0.1:4318";

    [Theory]
    [InlineData("")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=" + Address)]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL=grpc OTEL_METRIC_EXPORT_INTERVAL=1000")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=" + Address + " OTEL_SDK_DISABLED=true")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=" + Address + " OTEL_METRICS_EXPORTER=none")]
    public void Without_an_endpoint_or_when_it_is_turned_off_nothing_is_pushed(string variables) =>
        Assert.Null(Read(variables));

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://a:4317", "http://a:4317/")]
    [InlineData(
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://a:4318 OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
        "http://a:4318/v1/metrics"
    )]
    [InlineData(
        "OTEL_EXPORTER_OTLP_ENDPOINT=https://a/otlp/ OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
        "https://a/otlp/v1/metrics"
    )]
    [InlineData(
        "OTEL_EXPORTER_OTLP_ENDPOINT=https://a/otlp?key=1 OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
        "https://a/otlp/v1/metrics?key=1"
    )]
    [InlineData(
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://a:4318 OTEL_EXPORTER_OTLP_METRICS_PROTOCOL=http/protobuf",
        "http://a:4318/"
    )]
    [InlineData(
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://a OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://b/x "
            + "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
        "http://b/x"
    )]
    public void A_path_is_put_behind_the_address_of_all_signals_alone(string variables, string address) =>
        Assert.Equal(address, Read(variables)!.Options.Endpoint.AbsoluteUri);

    [Fact]
    public void Missing_settings_have_the_defaults_of_OpenTelemetry()
    {
        var settings = Read("OTEL_EXPORTER_OTLP_ENDPOINT=" + Address)!;

        Assert.Equal(TimeSpan.FromMinutes(1), settings.Interval);
        Assert.Equal(
            (OtlpExportProtocol.Grpc, 10_000),
            (settings.Options.Protocol, settings.Options.TimeoutMilliseconds)
        );
        Assert.Equal(
            (OtlpExportCompression.None, null, false),
            (settings.Options.Compression, settings.Options.Headers, settings.HasCertificates)
        );
    }

    [Fact]
    public void Variables_of_metrics_go_before_those_of_all_signals()
    {
        var settings = Read(
            "OTEL_EXPORTER_OTLP_ENDPOINT=http://a OTEL_EXPORTER_OTLP_PROTOCOL=grpc "
                + "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL=http/protobuf "
                + "OTEL_EXPORTER_OTLP_TIMEOUT=1 OTEL_EXPORTER_OTLP_METRICS_TIMEOUT=2 "
                + "OTEL_EXPORTER_OTLP_HEADERS=a=1 OTEL_EXPORTER_OTLP_METRICS_HEADERS=b=2 "
                + "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION=gzip OTEL_METRIC_EXPORT_INTERVAL=500"
        )!;

        Assert.Equal(
            (OtlpExportProtocol.HttpProtobuf, 2),
            (settings.Options.Protocol, settings.Options.TimeoutMilliseconds)
        );
        Assert.Equal((OtlpExportCompression.GZip, "b=2"), (settings.Options.Compression, settings.Options.Headers));
        Assert.Equal(TimeSpan.FromMilliseconds(500), settings.Interval);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "127.0.0.1:4317")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4317")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "unix:///run/otel.sock")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "GRPC")]
    [InlineData("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd")]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT", "10s")]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT", "0")]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL", "-1")]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL", "99999999999")]
    public void An_unusable_value_is_named_with_its_variable(string variable, string value)
    {
        var error = Assert.Throws<SettingException>(() =>
            Read($"OTEL_EXPORTER_OTLP_ENDPOINT={Address} {variable}={value}")
        );

        Assert.StartsWith(variable + ": expected ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith($", found '{value}'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s3cret")]
    [InlineData("a=s3cret,a=s3cret")]
    public void Headers_that_cannot_be_used_are_not_shown(string headers)
    {
        var error = Assert.Throws<SettingException>(() =>
            new OtlpConnection(Read($"OTEL_EXPORTER_OTLP_ENDPOINT={Address} OTEL_EXPORTER_OTLP_HEADERS={headers}")!)
        );

        Assert.Contains("OTEL_EXPORTER_OTLP_HEADERS: expected name=value", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_password_in_the_address_is_said_nowhere()
    {
        using var connection = new OtlpConnection(
            Read(
                "OTEL_EXPORTER_OTLP_ENDPOINT=http://operator:s3cret@127.0.0.1:1/a?token=t0ken "
                    + "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"
            )!
        );

        Assert.Equal("http://127.0.0.1:1/a/v1/metrics", connection.Target);
    }

    static OtlpSettings? Read(string variables)
    {
        // The last variable of a name counts.
        var environment = variables
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(static variable => variable.Split('=', 2))
            .GroupBy(static variable => variable[0])
            .ToDictionary(static variable => variable.Key, static variable => variable.Last()[1]);
        return OtlpSettings.Read(environment.GetValueOrDefault);
    }
}
