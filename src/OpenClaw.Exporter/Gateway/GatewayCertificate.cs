using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Gateway;

/// <summary>Judges the certificate of a Gateway that is asked over TLS, and writes its faults in words.</summary>
static class GatewayCertificate
{
    /// <summary>Returns the reason why a certificate is not accepted; null for one without a fault.</summary>
    /// <param name="certificate">The certificate; null where the Gateway sent none.</param>
    /// <param name="chain">The chain up to an authority.</param>
    /// <param name="faults">The faults that were found.</param>
    /// <param name="host">The name or address that was asked.</param>
    public static string? FaultOf(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors faults, string host)
    {
        if (faults == SslPolicyErrors.None)
            return null;
        if (certificate is null)
            return "sends no certificate";
        var states = chain?.ChainStatus.Select(static state => state.Status).ToHashSet() ?? [];
        if (states.Contains(X509ChainStatusFlags.NotTimeValid))
            return Untimely(certificate);
        if (faults.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            return $"its certificate is for {NamesOf(certificate)}, not for {host}";
        if (states.Contains(X509ChainStatusFlags.Revoked))
            return "its certificate is revoked";
        return $"its certificate is not trusted here: {VisibleText.Escape(certificate.Issuer)} signed it. Add that "
            + "authority to the machine's, or set SSL_CERT_FILE for the exporter";
    }

    static string Untimely(X509Certificate2 certificate)
    {
        var isOver = certificate.NotAfter < DateTime.Now;
        var time = isOver ? certificate.NotAfter : certificate.NotBefore;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"its certificate {(isOver ? "expired on" : "is not valid before")} {time.ToUniversalTime():yyyy-MM-dd}"
        );
    }

    static string NamesOf(X509Certificate2 certificate)
    {
        const int namesAtMost = 5;
        var names = certificate
            .Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(static all =>
                all.EnumerateDnsNames().Concat(all.EnumerateIPAddresses().Select(static ip => $"{ip}"))
            )
            .Take(namesAtMost)
            .ToList();
        return VisibleText.Escape(names.Count > 0 ? string.Join(", ", names) : certificate.Subject);
    }
}
