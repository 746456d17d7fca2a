using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Web;

namespace OpenClaw.Exporter.Tests;

public sealed class WebSettingsTests : IDisposable
{
    const string Hash = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG";
    const string Files = "  cert_file: server.crt\n  key_file: server.key\n";

    readonly TemporaryFolder _folder = new();

    public WebSettingsTests()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("a.example");
        names.AddIpAddress(System.Net.IPAddress.Parse("192.0.2.1"));
        names.AddIpAddress(System.Net.IPAddress.Parse("2001:db8::1"));
        names.AddEmailAddress("a@a.example");
        names.AddUri(new("spiffe://a.example/prometheus"));
        names.AddUserPrincipalName("a@upn.example");
        var request = new CertificateRequest("CN=server", key, HashAlgorithmName.SHA256)
        {
            CertificateExtensions = { names.Build() },
        };
        using var certificate = request.CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1),
            DateTimeOffset.UtcNow.AddDays(1)
        );
        _folder.Write("server.crt", certificate.ExportCertificatePem());
        _folder.Write("server.key", key.ExportECPrivateKeyPem());
        _folder.Write("other.key", other.ExportPkcs8PrivateKeyPem());
        _folder.Write(
            "locked.key",
            key.ExportEncryptedPkcs8PrivateKeyPem(
                "secret",
                new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)
            )
        );
        _folder.Write("empty.pem", "");
        _folder.Write("bad.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Uses everything that the format documents, at once.</summary>
    [Fact]
    public void The_whole_format_is_understood()
    {
        var settings = Load(
            $"""
            tls_server_config:
              cert_file: server.crt
              key_file: {_folder.PathOf("server.key")}
              client_auth_type: "RequireAndVerifyClientCert"
              client_ca_file: server.crt
              client_allowed_sans:
                - prometheus.example
                - 192.0.2.7
              min_version: "TLS12"
              max_version: "TLS13"
              cipher_suites:
                - TLS_AES_128_GCM_SHA256
                - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
              prefer_server_cipher_suites: true
              curve_preferences:
                - CurveP256
                - X25519
            http_server_config:
              http2: false
              headers:
                Content-Security-Policy: "default-src 'self'"
                X-Frame-Options: sameorigin
                X-Content-Type-Options: nosniff
                X-XSS-Protection: 1; mode=block
                Strict-Transport-Security: max-age=31536000
            basic_auth_users:
              alice: {Hash}
              bob: $2a$04$hLqFl9jSjoAAy95Z/zw8Ye8wkdMBM8c5Bn1ptYqP/AXyV0.oy0S8m
            rate_limit:
              interval: "1s" # between two requests
              burst: 20
            """
        );

        Assert.Equal("CN=server", settings.Tls!.Certificate.TargetCertificate.Subject);
        Assert.Equal("RequireAndVerifyClientCert", settings.Tls.Clients.Type);
        Assert.Equal(["prometheus.example", "192.0.2.7"], settings.Tls.Clients.AllowedNames);
        Assert.Single(settings.Tls.Clients.Authorities);
        Assert.Equal(["curve_preferences"], settings.Tls.Ignored);
        Assert.False(settings.Http2);
        Assert.Equal(5, settings.Headers.Length);
        Assert.Equal(["alice", "bob"], settings.Users.Keys.Order());
        Assert.Equal(new(TimeSpan.FromSeconds(1), 20), settings.Rate);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing yet\n")]
    [InlineData("basic_auth_users:\ntls_server_config:\n")]
    [InlineData(
        "rate_limit: {interval: 0, burst: 0}\nbasic_auth_users: {}\nhttp_server_config: {headers: "
            + "{X-Frame-Options: ''}}\n"
    )]
    public void Empty_settings_demand_nothing(string text)
    {
        var settings = Load(text);

        Assert.Null(settings.Tls);
        Assert.Empty(settings.Users);
        Assert.Empty(settings.Headers);
        Assert.Null(settings.Rate);
        Assert.True(settings.Http2);
    }

    [Theory]
    [InlineData("tls_server_confg: {}\n", 1, "unknown key 'tls_server_confg', did you mean 'tls_server_config'?")]
    [InlineData("!!str basic_auth_users: {alice: x}\n", 1, "expected the bcrypt hash of alice's password")]
    [InlineData(
        "tls_server_config:\n" + Files + "  client_ca_files: x\n",
        4,
        "unknown key 'client_ca_files', did you mean 'client_ca_file'?"
    )]
    [InlineData(
        "tls_server_config:\n  cert_file: server.crt\n",
        2,
        "expected key_file or key in tls_server_config, found neither"
    )]
    [InlineData(
        "tls_server_config:\n  min_version: TLS12\n",
        2,
        "expected cert_file or cert in tls_server_config, found neither"
    )]
    [InlineData("tls_server_config:\n" + Files + "  cert: x\n", 4, "expected one of cert and cert_file, found both")]
    [InlineData("tls_server_config:\n  cert_file: none.crt\n  key_file: server.key\n", 2, "none.crt: no such file")]
    [InlineData("tls_server_config:\n  cert_file: .\n  key_file: server.key\n", 2, "is a directory")]
    [InlineData(
        "tls_server_config:\n  cert_file: empty.pem\n  key_file: server.key\n",
        2,
        "expected PEM certificates in cert_file, found none"
    )]
    [InlineData(
        "tls_server_config:\n  cert_file: bad.pem\n  key_file: server.key\n",
        2,
        "expected PEM certificates in cert_file"
    )]
    [InlineData(
        "tls_server_config:\n  cert_file: server.crt\n  key_file: other.key\n",
        3,
        "expected the PEM private key of the certificate, without a passphrase, in key_file"
    )]
    [InlineData("tls_server_config:\n  cert_file: server.crt\n  key_file: locked.key\n", 3, "without a passphrase")]
    [InlineData(
        "tls_server_config:\n  cert_file: server.crt\n  key_file: empty.pem\n",
        3,
        "expected the PEM private key"
    )]
    [InlineData(
        "tls_server_config:\n" + Files + "  min_version: TLS10\n",
        4,
        "expected TLS12 or TLS13 for min_version, found 'TLS10'"
    )]
    [InlineData(
        "tls_server_config:\n" + Files + "  max_version: TLS12\n  min_version: TLS13\n",
        5,
        "no newer than max_version TLS12"
    )]
    [InlineData(
        "tls_server_config:\n" + Files + "  cipher_suites:\n  - TLS_AES_128_GCM_SHA256\n  - TLS_RSA_WITH_RC4_128_SHA\n",
        6,
        "expected a cipher suite, one of"
    )]
    [InlineData(
        "tls_server_config:\n" + Files + "  cipher_suites: TLS_AES_128_GCM_SHA256\n",
        4,
        "expected a list for cipher_suites, found 'TLS_AES_128_GCM_SHA256'"
    )]
    [InlineData("tls_server_config:\n" + Files + "  curve_preferences: [CurveP224]\n", 4, "expected one of CurveP256")]
    [InlineData(
        "tls_server_config:\n" + Files + "  prefer_server_cipher_suites: maybe\n",
        4,
        "expected true or false for prefer_server_cipher_suites, found 'maybe'"
    )]
    [InlineData("tls_server_config:\n" + Files + "  client_auth_type: Always\n", 4, "expected one of NoClientCert")]
    [InlineData(
        "tls_server_config:\n" + Files + "  client_auth_type: RequireAndVerifyClientCert\n",
        4,
        "expects client_ca_file or client_ca, found neither"
    )]
    [InlineData(
        "tls_server_config:\n" + Files + "  client_ca_file: server.crt\n",
        4,
        "client_ca_file expects a client_auth_type"
    )]
    [InlineData(
        "tls_server_config:\n"
            + Files
            + "  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: server.crt\n  client_allowed_sans: [x]\n",
        6,
        "client_allowed_sans expects client_auth_type"
    )]
    [InlineData(
        "tls_server_config:\n"
            + Files
            + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: empty.pem\n",
        5,
        "expected PEM certificates in client_ca_file, found none"
    )]
    [InlineData("http_server_config:\n  http2: 2\n", 2, "expected true or false for http2, found '2'")]
    [InlineData("http_server_config:\n  http3: true\n", 2, "unknown key 'http3', did you mean 'http2'?")]
    [InlineData(
        "http_server_config:\n  headers:\n    X-Frame-Options: allow\n",
        3,
        "expected deny or sameorigin for X-Frame-Options, found 'allow'"
    )]
    [InlineData("http_server_config:\n  headers:\n    X-Powered-By: me\n", 3, "unknown key 'X-Powered-By'")]
    [InlineData(
        "http_server_config:\n  headers:\n    Content-Security-Policy: \"a\\r\\nb: c\"\n",
        3,
        "expected one line of ASCII"
    )]
    [InlineData("basic_auth_users:\n  alice: [x]\n", 2, "expected a text, found a list")]
    [InlineData("basic_auth_users:\n  'a:b': x\n", 2, "expected a user name without colons")]
    [InlineData("basic_auth_users: alice\n", 1, "expected keys and values, found 'alice'")]
    [InlineData("basic_auth_users:\n  alice:\n", 2, "expected the bcrypt hash of alice's password")]
    [InlineData(
        "basic_auth_users:\n  alice: $2y$03$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG\n",
        2,
        "expected the bcrypt hash"
    )]
    [InlineData("rate_limit:\n  interval: often\n", 2, "expected a duration")]
    [InlineData("rate_limit:\n  interval: 0.5ms\n", 2, "expected a duration from 1ms to 30d")]
    [InlineData("rate_limit:\n  interval: 1300h\n", 2, "expected a duration from 1ms to 30d")]
    [InlineData("rate_limit:\n  interval: 99999999999h\n", 2, "expected a duration from 1ms to 30d")]
    [InlineData("rate_limit:\n  interval: 1s\n  burst: 0\n", 3, "no request would be answered")]
    [InlineData("rate_limit:\n  interval: 1s\n  burst: -1\n", 3, "expected a whole number for burst, found '-1'")]
    [InlineData("- a\n", 1, "expected keys and values, found a list")]
    [InlineData("a: [1\nb: 2\n", 2, "not YAML")]
    [InlineData("rate_limit: {}\nrate_limit: {}\n", 2, "")]
    public void Errors_name_the_file_and_the_line(string text, int line, string reason)
    {
        var error = Assert.Throws<SettingException>(() => Load(text));

        Assert.StartsWith($"{_folder.PathOf("web.yml")}: line {line}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", 0.0)]
    [InlineData("0s", 0.0)]
    [InlineData("1ms", 0.001)]
    [InlineData("1.5h", 5400.0)]
    [InlineData("1m30s", 90.0)]
    [InlineData("1d2h3m4s5ms", 93784.005)]
    [InlineData("4w", 2419200.0)]
    [InlineData("720h", 2592000.0)]
    [InlineData("", null)]
    [InlineData("5", null)]
    [InlineData("s", null)]
    [InlineData("-1s", null)]
    [InlineData("1s1m", null)]
    [InlineData("1s1s", null)]
    [InlineData("1.s", null)]
    [InlineData("1.2.3s", null)]
    [InlineData("1 s", null)]
    [InlineData("1s\n", null)]
    [InlineData("0.5ms", null)]
    [InlineData("721h", null)]
    [InlineData("99999999999h", null)]
    public void Durations_are_those_of_Prometheus_in_the_range_of_timers(string text, double? seconds) =>
        Assert.Equal((seconds is not null, TimeSpan.FromSeconds(seconds ?? 0)), Duration.Parse(text));

    /// <summary>Any replaced byte gives either valid settings or a SettingException, never another exception.</summary>
    [Fact]
    public void Damage_is_a_sentence()
    {
        const string good =
            "tls_server_config:\n"
            + Files
            + "http_server_config: {http2: true}\nbasic_auth_users:\n  alice: "
            + Hash
            + "\nrate_limit: {interval: 1s, burst: 2}\n";
        foreach (var damage in (char[])['\0', '\n', ':', '[', '*', '&', '!', '"'])
        {
            for (var at = 0; at < good.Length; at++)
            {
                var text = string.Concat(good.AsSpan(0, at), [damage], good.AsSpan(at + 1));
                if (Record.Exception(() => Load(text)) is { } error)
                    Assert.True(error is SettingException, $"{text}\n{error}");
            }
        }
    }

    [Fact]
    public void Every_subject_alternative_name_of_a_certificate_is_seen()
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(_folder.PathOf("server.crt"));

        Assert.Equal(
            ["192.0.2.1", "2001:db8::1", "a.example", "a@a.example", "spiffe://a.example/prometheus"],
            ClientCertificateRule.Names(certificate).Order(StringComparer.Ordinal)
        );
    }

    /// <summary>The subject is chosen by the client and is logged.</summary>
    [Fact]
    public void A_subject_of_several_lines_is_said_on_one()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest(
            new X500DistinguishedName("CN=\"a\nb\u2028c\""),
            key,
            HashAlgorithmName.SHA256
        ).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));

        var fault = new ClientCertificateRule("RequireAndVerifyClientCert", [], []).Fault(certificate, isSigned: false);

        Assert.Equal("CN=\"a?b?c\" is not valid or not signed by one of the authorities", fault);
    }

    [Theory]
    [InlineData("Basic YWxpY2U6d29uZGVy", "alice", "wonder")]
    [InlineData("basic YWxpY2U6d29uOmRlcg==", "alice", "won:der")]
    [InlineData("Basic OnBhc3M=", "", "pass")]
    [InlineData("Basic YWxpY2U=", null, null)]
    [InlineData("Basic ???", null, null)]
    [InlineData("Basic", null, null)]
    [InlineData("Bearer YWxpY2U6d29uZGVy", null, null)]
    [InlineData("", null, null)]
    [InlineData(null, null, null)]
    public void Credentials_are_those_of_RFC_7617(string? header, string? user, string? password) =>
        Assert.Equal(user is null ? null : (user, password!), WebDoor.Credentials(header));

    WebSettings Load(string text) => WebSettings.Load(_folder.Write("web.yml", text), new());
}
