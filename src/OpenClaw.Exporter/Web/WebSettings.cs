using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Web;

/// <summary>
/// How many requests a client may make: a bucket that holds a burst and is given one more each interval.
/// </summary>
/// <param name="Interval">After which one more is allowed.</param>
/// <param name="Burst">How many are allowed at once.</param>
sealed record RequestRate(TimeSpan Interval, int Burst);

/// <summary>
/// The file of --web.config.file, in the format that Prometheus' exporters share (exporter-toolkit,
/// docs/web-configuration.md): who may ask, over what. Without a file everybody may, in plain HTTP.
/// </summary>
sealed partial record WebSettings
{
    /// <summary>The headers that the format knows, and the values that it accepts where not any.</summary>
    static readonly ImmutableArray<(string Name, ImmutableArray<string> Accepted)> KnownHeaders =
    [
        ("Strict-Transport-Security", []),
        ("X-Content-Type-Options", ["nosniff"]),
        ("X-Frame-Options", ["deny", "sameorigin"]),
        ("X-XSS-Protection", []),
        ("Content-Security-Policy", []),
    ];

    /// <summary>Without a file.</summary>
    public static WebSettings Open { get; } = new();

    /// <summary>TLS; null for plain HTTP.</summary>
    public TlsSettings? Tls { get; private init; }

    /// <summary>Whether HTTP/2 is spoken over TLS.</summary>
    public bool Http2 { get; private init; } = true;

    /// <summary>Headers of every response.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Headers { get; private init; } = [];

    /// <summary>Who may ask, and the bcrypt hash of their password; nobody means everybody.</summary>
    public ImmutableDictionary<string, string> Users { get; private init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>How often everybody together may ask; null for any.</summary>
    public RequestRate? Rate { get; private init; }

    /// <summary>Reads a file and the certificates that it names.</summary>
    /// <param name="path">The file.</param>
    /// <param name="files">Where what was read is kept, for comparison.</param>
    /// <exception cref="SettingException">Something in it cannot be used.</exception>
    public static WebSettings Load(string path, InputFiles files)
    {
        var settings = Settings.Parse(path, files.Read(path));
        var tls = settings.Section("tls_server_config");
        var http = settings.Section("http_server_config");
        var users = settings.Section("basic_auth_users");
        var rate = settings.Section("rate_limit");
        settings.RefuseOthers();
        var loaded = new WebSettings
        {
            Tls = tls is null ? null : TlsSettings.Load(tls, files),
            Http2 = http?.Truth("http2", true) ?? true,
            Headers = http?.Section("headers") is { } headers ? HeadersOf(headers) : [],
            Users = users is null ? Open.Users : UsersOf(users),
            Rate = rate is null ? null : RateOf(rate),
        };
        http?.RefuseOthers();
        return loaded;
    }

    static ImmutableArray<KeyValuePair<string, string>> HeadersOf(Settings section)
    {
        var headers = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        foreach (var (name, accepted) in KnownHeaders)
        {
            var value = section.Value(
                name,
                "",
                text =>
                    (
                        (accepted.IsEmpty || text.Length == 0 || accepted.Contains(text))
                            && !text.AsSpan().ContainsAnyInRange('\0', '\x1f')
                            && Ascii.IsMatch(text),
                        text
                    ),
                accepted.IsEmpty ? "one line of ASCII" : string.Join(" or ", accepted)
            );
            if (value.Length > 0)
                headers.Add(new(name, value));
        }

        section.RefuseOthers();
        return headers.ToImmutable();
    }

    static ImmutableDictionary<string, string> UsersOf(Settings section)
    {
        var users = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (user, name, value) in section.Entries)
        {
            // RFC 7617: the first colon ends the name.
            if (user.Length == 0 || user.Contains(':', StringComparison.Ordinal))
                throw section.Expected(name, "a user name without colons");

            // What stands there instead is probably the password: it is not repeated.
            if (!BcryptHash.IsMatch(section.TextOf(value)))
            {
                throw new SettingException(
                    section.File,
                    value.Start.Line,
                    $"expected the bcrypt hash of {user}'s password, as htpasswd -nBC 10 \"\" prints it"
                );
            }

            users[user] = section.TextOf(value);
        }

        return users.ToImmutable();
    }

    static RequestRate? RateOf(Settings section)
    {
        var interval = section.Value("interval", TimeSpan.Zero, Duration.Parse, Duration.Expected);
        var burst = section.Count("burst", 0);
        section.RefuseOthers();
        if (interval == TimeSpan.Zero)
            return null;
        return burst > 0
            ? new(interval, burst)
            : throw section.Wrong(
                "burst",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"expected a whole number from 1 for burst, found '{burst}': no request would be answered"
                )
            );
    }

    [GeneratedRegex(@"\A[\x20-\x7e]*\z")]
    static partial Regex Ascii { get; }

    [GeneratedRegex(@"\A\$2[aby]?\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}\z")]
    static partial Regex BcryptHash { get; }
}
