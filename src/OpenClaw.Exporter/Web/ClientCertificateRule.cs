using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Web;

/// <summary>The requirements on client certificates. The names are those of Go's crypto/tls.</summary>
/// <param name="Type">The type: whether a certificate is requested, required and verified.</param>
/// <param name="Authorities">The accepted authorities.</param>
/// <param name="AllowedNames">
/// The subject alternative names. A certificate must have one of them; an empty list accepts any.
/// </param>
sealed record ClientCertificateRule(
    string Type,
    X509Certificate2Collection Authorities,
    ImmutableArray<string> AllowedNames
)
{
    const string None = "NoClientCert";
    const string Any = "RequireAnyClientCert";
    const string VerifiedIfGiven = "VerifyClientCertIfGiven";
    const string Verified = "RequireAndVerifyClientCert";

    /// <summary>id-kp-clientAuth, RFC 5280, 4.2.1.12.</summary>
    const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>The types. The second to last is an old spelling of the third.</summary>
    static readonly ImmutableArray<string> Types =
    [
        None,
        "RequestClientCert",
        Any,
        VerifiedIfGiven,
        "RequireClientCert",
        Verified,
    ];

    /// <summary>True where a client without a certificate is refused.</summary>
    public bool IsRequired => Type is Any or Verified;

    bool IsVerified => Type is VerifiedIfGiven or Verified;

    /// <summary>Reads the keys of tls_server_config about clients.</summary>
    /// <exception cref="SettingException">The keys contradict each other.</exception>
    public static ClientCertificateRule Read(Settings section, (string Key, string Text)? authorities)
    {
        var type = section.Value(
            "client_auth_type",
            None,
            static text => (Types.Contains(text), text),
            $"one of {string.Join(", ", Types)}"
        );
        if (type == "RequireClientCert")
            type = Any;
        var rule = new ClientCertificateRule(type, [], section.Texts("client_allowed_sans"));
        if (!rule.AllowedNames.IsEmpty && !rule.IsRequired)
        {
            throw section.Wrong(
                "client_allowed_sans",
                $"client_allowed_sans expects client_auth_type {Any} or {Verified}, found "
                    + $"'{type}', which accepts clients without a certificate"
            );
        }

        if (authorities is not { } given)
        {
            // The authorities of the system would accept every client with a bought certificate for any name.
            return rule.IsVerified
                ? throw section.Wrong(
                    "client_auth_type",
                    $"client_auth_type {type} expects client_ca_file or client_ca, found neither"
                )
                : rule;
        }

        if (type == None)
        {
            throw section.Wrong(
                given.Key,
                $"{given.Key} expects a client_auth_type, found none, so no client would be asked "
                    + "for a certificate"
            );
        }

        try
        {
            rule.Authorities.ImportFromPem(given.Text);
        }
        catch (CryptographicException error)
        {
            throw section.Wrong(given.Key, $"expected PEM certificates in {given.Key}: {error.Message}");
        }

        return rule.Authorities.Count > 0
            ? rule
            : throw section.Wrong(given.Key, $"expected PEM certificates in {given.Key}, found none");
    }

    /// <summary>Adds the requirements to the options of a handshake.</summary>
    /// <param name="options">The options of the handshake.</param>
    /// <param name="refused">Receives the reason when a certificate is refused.</param>
    public SslServerAuthenticationOptions Apply(SslServerAuthenticationOptions options, Action<string> refused)
    {
        if (Type == None)
            return options;
        options.ClientCertificateRequired = true;

        // A resumed session is not verified again, although the authorities may have changed.
        options.AllowTlsResume = false;
        options.CertificateChainPolicy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            ApplicationPolicy = { new(ClientAuthentication) },
        };
        options.CertificateChainPolicy.CustomTrustStore.AddRange(Authorities);
        options.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
        {
            var isSigned =
                errors == SslPolicyErrors.None
                || (errors == SslPolicyErrors.RemoteCertificateChainErrors && IsAnchored(chain!));
            var fault = Fault(certificate as X509Certificate2, isSigned);
            if (fault is not null)
                refused(fault);
            return fault is null;
        };
        return options;
    }

    /// <summary>
    /// Returns the reason why a certificate is refused; null when it is accepted. The reason is one line for every
    /// content of a certificate.
    /// </summary>
    internal string? Fault(X509Certificate2? certificate, bool isSigned)
    {
        if (certificate is null)
            return IsRequired ? "it has none" : null;
        var subject = string.Concat(
            certificate.Subject.Select(static letter =>
                char.IsControl(letter) || letter is '\u2028' or '\u2029' ? '?' : letter
            )
        );
        if (IsVerified && !isSigned)
            return $"{subject} is not valid or not signed by one of the authorities";
        return AllowedNames.IsEmpty || Names(certificate).Any(name => AllowedNames.Contains(name))
            ? null
            : $"{subject} has none of the allowed names";
    }

    /// <summary>
    /// Returns true where a chain is valid up to one of the authorities. An authority need not be a root: as in Go,
    /// every certificate in the file is trusted. Certificates above it are ignored.
    /// </summary>
    bool IsAnchored(X509Chain chain)
    {
        foreach (var element in chain.ChainElements)
        {
            if (element.ChainElementStatus.Any(static fault => fault.Status != X509ChainStatusFlags.PartialChain))
                return false;
            if (
                Authorities.Any(authority =>
                    authority.RawDataMemory.Span.SequenceEqual(element.Certificate.RawDataMemory.Span)
                )
            )
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Returns the subject alternative names of a certificate: DNS names, IP addresses, mail addresses, URIs (RFC 5280,
    /// 4.2.1.6).
    /// </summary>
    internal static IEnumerable<string> Names(X509Certificate2 certificate)
    {
        var names = new List<string>();
        foreach (var extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            try
            {
                var reader = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
                while (reader.HasData)
                {
                    var tag = reader.PeekTag();
                    if (tag is { TagClass: TagClass.ContextSpecific, TagValue: 1 or 2 or 6 })
                    {
                        names.Add(reader.ReadCharacterString(UniversalTagNumber.IA5String, tag));
                    }
                    else if (
                        tag is { TagClass: TagClass.ContextSpecific, TagValue: 7 }
                        && reader.ReadOctetString(tag) is { Length: 4 or 16 } address
                    )
                    {
                        names.Add(new IPAddress(address).ToString());
                    }
                    else if (tag is not { TagClass: TagClass.ContextSpecific, TagValue: 7 })
                    {
                        reader.ReadEncodedValue();
                    }
                }
            }
            catch (AsnContentException)
            {
                // The names before the error are kept; an unreadable extension has no names.
            }
        }

        return names;
    }
}
