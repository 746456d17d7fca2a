using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OpenClaw.KernelTests;

/// <summary>A certificate authority of one test, and the PEM files of its certificates.</summary>
sealed class TestAuthority : IDisposable
{
    const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    readonly TemporaryFolder _folder;
    readonly X509Certificate2 _certificate;

    /// <summary>Creates an authority.</summary>
    /// <param name="folder">The folder for its files.</param>
    /// <param name="above">The authority that signs it; null for a self-signed one.</param>
    public TestAuthority(TemporaryFolder folder, TestAuthority? above = null)
    {
        _folder = folder;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(
            above is null ? "CN=test authority" : "CN=test authority below",
            key,
            HashAlgorithmName.SHA256
        );
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        var (from, until) = (DateTimeOffset.UtcNow.AddDays(-300), DateTimeOffset.UtcNow.AddDays(300));
        if (above is null)
        {
            _certificate = request.CreateSelfSigned(from.AddDays(-1), until.AddDays(1));
        }
        else
        {
            using var signed = request.Create(above._certificate, from, until, RandomNumberGenerator.GetBytes(8));
            _certificate = signed.CopyWithPrivateKey(key);
        }

        File = folder.Write($"{Guid.NewGuid():n}.crt", _certificate.ExportCertificatePem());
    }

    /// <summary>The path of its certificate.</summary>
    public string File { get; }

    /// <summary>The authority's certificate.</summary>
    public X509Certificate2 Certificate => _certificate;

    /// <summary>Writes NAME.crt and NAME.key for a server at 127.0.0.1; returns their paths.</summary>
    public (string Certificate, string Key) SignServer(
        string name,
        bool isExpired = false,
        IPAddress? address = null
    ) => Sign(name, ServerAuthentication, null, isExpired, address);

    /// <summary>Writes NAME.crt and NAME.key for a client with this DNS name; returns their paths.</summary>
    public (string Certificate, string Key) SignClient(string name, string dnsName, bool isExpired = false) =>
        Sign(name, ClientAuthentication, dnsName, isExpired);

    public void Dispose() => _certificate.Dispose();

    (string Certificate, string Key) Sign(
        string name,
        string usage,
        string? dnsName,
        bool isExpired,
        IPAddress? address = null
    )
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (dnsName is null)
            names.AddIpAddress(address ?? IPAddress.Loopback);
        else
            names.AddDnsName(dnsName);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new(usage)], false));
        var end = DateTimeOffset.UtcNow.AddDays(isExpired ? -1 : 30);
        using var signed = request.Create(
            _certificate,
            DateTimeOffset.UtcNow.AddDays(-30),
            end,
            RandomNumberGenerator.GetBytes(8)
        );
        return (
            _folder.Write($"{name}.crt", signed.ExportCertificatePem()),
            _folder.Write($"{name}.key", key.ExportPkcs8PrivateKeyPem())
        );
    }
}
