using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Web;

/// <summary>
/// The section tls_server_config of the web configuration: this server's certificate, and the requirements on clients.
/// </summary>
/// <param name="Certificate">The server's certificate, with its key and the intermediate certificates.</param>
/// <param name="Protocols">The enabled versions of TLS.</param>
/// <param name="CipherSuites">The offered cipher suites, best first; null for OpenSSL's defaults.</param>
/// <param name="Clients">The requirements on clients.</param>
/// <param name="Ignored">The keys that are valid but have no effect here.</param>
sealed record TlsSettings(
    SslStreamCertificateContext Certificate,
    SslProtocols Protocols,
    CipherSuitesPolicy? CipherSuites,
    ClientCertificateRule Clients,
    ImmutableArray<string> Ignored
)
{
    static readonly ImmutableArray<string> Versions = ["TLS12", "TLS13"];

    static readonly ImmutableArray<string> Curves = ["CurveP256", "CurveP384", "CurveP521", "X25519"];

    /// <summary>The cipher suites of TLS 1.3, which the format always enables.</summary>
    static readonly ImmutableArray<TlsCipherSuite> Tls13Suites =
    [
        TlsCipherSuite.TLS_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
    ];

    /// <summary>The cipher suites that the format accepts: those that Go's crypto/tls does not call insecure.</summary>
    static readonly ImmutableArray<TlsCipherSuite> Suites =
    [
        .. Tls13Suites,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
    ];

    /// <summary>
    /// Reads the section and the files that it names. Their paths are relative to the section's own file.
    /// </summary>
    /// <exception cref="SettingException">A setting in it is invalid.</exception>
    public static TlsSettings Load(Settings section, InputFiles files)
    {
        var certificate = Pem(section, files, "cert", "cert_file");
        var key = Pem(section, files, "key", "key_file");
        var authorities = Pem(section, files, "client_ca", "client_ca_file");
        var minimum = section.Value(
            "min_version",
            Versions[0],
            static text => (Versions.Contains(text), text),
            "TLS12 or TLS13"
        );
        var maximum = section.Value(
            "max_version",
            Versions[^1],
            static text => (Versions.Contains(text), text),
            "TLS12 or TLS13"
        );
        if (Versions.IndexOf(minimum) > Versions.IndexOf(maximum))
        {
            throw section.Wrong(
                "min_version",
                $"expected min_version to be no newer than max_version {maximum}, found '{minimum}'"
            );
        }

        var suites = section.Items("cipher_suites").Select(node => Suite(section, node)).ToArray();
        var curve = section.Items("curve_preferences").FirstOrDefault(node => !Curves.Contains(section.TextOf(node)));
        if (curve is not null)
            throw section.Expected(curve, $"one of {string.Join(", ", Curves)}");
        section.Truth("prefer_server_cipher_suites", true);
        var clients = ClientCertificateRule.Read(section, authorities);
        section.RefuseOthers();
        if (certificate is null || key is null)
        {
            throw section.Wrong(
                "",
                $"expected {(certificate is null ? "cert_file or cert" : "key_file or key")} in "
                    + $"tls_server_config, found neither"
            );
        }

        var protocols = (minimum, maximum) switch
        {
#pragma warning disable CA5398 // The administrator may narrow the choice to one; without the key it is both.
            ("TLS13", _) => SslProtocols.Tls13,
            (_, "TLS12") => SslProtocols.Tls12,
            _ => SslProtocols.Tls12 | SslProtocols.Tls13,
#pragma warning restore CA5398
        };
        return new(
            WithKey(section, certificate.Value, key.Value),
            protocols,
            suites is [] ? null : new CipherSuitesPolicy([.. Tls13Suites, .. suites.Except(Tls13Suites)]),
            clients,
            section.Items("curve_preferences").Any() ? ["curve_preferences"] : []
        );
    }

    /// <summary>Returns the options of a handshake. They are new each time, because the server adds to them.</summary>
    /// <param name="refused">Receives the reason when a client's certificate is refused.</param>
    public SslServerAuthenticationOptions Handshake(Action<string> refused) =>
        Clients.Apply(
            new()
            {
                ServerCertificateContext = Certificate,
                EnabledSslProtocols = Protocols,
                CipherSuitesPolicy = CipherSuites,
            },
            refused
        );

    static (string Key, string Text)? Pem(Settings section, InputFiles files, string inline, string file)
    {
        var text = section.Text(inline) is { Length: > 0 } given ? given : null;
        var path = section.Text(file) is { Length: > 0 } named ? named : null;
        if (text is not null && path is not null)
            throw section.Wrong(inline, $"expected one of {inline} and {file}, found both");
        if (text is not null)
            return (inline, text);
        if (path is null)
            return null;
        try
        {
            return (file, files.Read(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(section.File))!, path)));
        }
        catch (SettingException error)
        {
            throw section.Wrong(file, $"{file} {error.Message}", error.Fault);
        }
    }

    static TlsCipherSuite Suite(Settings section, YamlDotNet.RepresentationModel.YamlNode node)
    {
        var name = section.TextOf(node);

        // In Go, two of the names lack the hash at the end of IANA's names.
        var suite = Suites.FirstOrDefault(suite => suite.ToString() == name || suite.ToString() == name + "_SHA256");
        return suite != default
            ? suite
            : throw section.Expected(node, $"a cipher suite, one of {string.Join(", ", Suites)}");
    }

    static SslStreamCertificateContext WithKey(
        Settings section,
        (string Key, string Text) certificate,
        (string Key, string Text) key
    )
    {
        X509Certificate2Collection chain = [];
        try
        {
            chain.ImportFromPem(certificate.Text);
        }
        catch (CryptographicException error)
        {
            throw section.Wrong(certificate.Key, $"expected PEM certificates in {certificate.Key}: {error.Message}");
        }

        if (chain.Count == 0)
            throw section.Wrong(certificate.Key, $"expected PEM certificates in {certificate.Key}, found none");
        try
        {
            var leaf = X509Certificate2.CreateFromPem(certificate.Text, key.Text);
            chain.RemoveAt(0);
            return SslStreamCertificateContext.Create(leaf, chain, offline: true);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            throw section.Wrong(
                key.Key,
                $"expected the PEM private key of the certificate, without a passphrase, in {key.Key}: {error.Message}"
            );
        }
    }
}
