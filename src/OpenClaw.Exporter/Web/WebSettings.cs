using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Web;

/// <summary>A limit on requests: a bucket that holds a burst and gets one more request each interval.</summary>
/// <param name="Interval">The time after which one more request is allowed.</param>
/// <param name="Burst">The number of requests that are allowed at once.</param>
sealed record RequestRate(TimeSpan Interval, int Burst);

/// <summary>
/// The file of --web.config.file, in the format that Prometheus' exporters share (exporter-toolkit,
/// docs/web-configuration.md). It sets the users and TLS. Without a file, every client has access over plain HTTP.
/// </summary>
sealed partial record WebSettings
{
    /// <summary>The headers that the format knows, each with the accepted values; an empty list accepts any.</summary>
    static readonly ImmutableArray<(string Name, ImmutableArray<string> Accepted)> KnownHeaders =
    [
        ("Strict-Transport-Security", []),
        ("X-Content-Type-Options", ["nosniff"]),
        ("X-Frame-Options", ["deny", "sameorigin"]),
        ("X-XSS-Protection", []),
        ("Content-Security-Policy", []),
    ];

    /// <summary>The settings without a file.</summary>
    public static WebSettings Open { get; } = new();

    /// <summary>The settings of TLS; null for plain HTTP.</summary>
    public TlsSettings? Tls { get; private init; }

    /// <summary>True where HTTP/2 is enabled over TLS.</summary>
    public bool Http2 { get; private init; } = true;

    /// <summary>The headers of every response.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Headers { get; private init; } = [];

    /// <summary>The users with the bcrypt hashes of their passwords. Without users, every client has access.</summary>
    public ImmutableDictionary<string, string> Users { get; private init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The limit on requests of all clients together; null for no limit.</summary>
    public RequestRate? Rate { get; private init; }

    /// <summary>Reads a file and the certificates that it names.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="files">The files that were read, for a later comparison.</param>
    /// <exception cref="SettingException">A setting in it is invalid.</exception>
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

            // The value is probably the password itself. The message does not repeat it.
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
