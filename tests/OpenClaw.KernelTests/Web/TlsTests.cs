using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;

namespace OpenClaw.KernelTests;

/// <summary>The web configuration's TLS, from the clients' side.</summary>
public class TlsTests(ITestOutputHelper output)
{
    /// <summary>
    /// A real Prometheus scrapes with valid and with invalid credentials at the same time. Then the server's
    /// certificate is replaced by an expired one, and by a valid one again.
    /// </summary>
    [Fact]
    public async Task Prometheus_is_let_in_with_everything_right_and_only_then()
    {
        var program = InstalledProgram.Find("prometheus");
        TestAuthority authority = null!,
            stranger = null!;
        using var exporter = await GuardedExporter.StartAsync(folder =>
        {
            authority = new(folder);
            stranger = new(folder);
            authority.SignServer("server");
            return $"""
                tls_server_config:
                  cert_file: server.crt
                  key_file: server.key
                  client_auth_type: RequireAndVerifyClientCert
                  client_ca_file: {Path.GetFileName(authority.File)}
                  client_allowed_sans: [prometheus.example, other.example]
                basic_auth_users:
                  prometheus: {BCrypt.Net.BCrypt.HashPassword("right", 6)}
                """;
        });
        var folder = exporter.Folder;
        var good = authority.SignClient("good", "prometheus.example");
        string Job(string name, (string Certificate, string Key)? client, string? password, TestAuthority believed) =>
            $"""
                  - job_name: {name}
                    scheme: https
                    tls_config:
                      ca_file: {believed.File}
                {(client is var (certificate, key) ? $"      cert_file: {certificate}\n      key_file: {key}\n" : "")}
                {(password is null ? "" : $"    basic_auth: {{username: prometheus, password: {password}}}")}
                    static_configs: [{"{"}targets: ['{GuardedExporter.Endpoint}']{"}"}]

                """;
        var jobs =
            "global: {scrape_interval: 1s}\nscrape_configs:\n"
            + Job("right", good, "right", authority)
            + Job("wrong_password", good, "wrong", authority)
            + Job("no_password", good, null, authority)
            + Job("no_certificate", null, "right", authority)
            + Job("wrong_name", authority.SignClient("wrong-name", "somebody.example"), "right", authority)
            + Job("expired", authority.SignClient("expired", "prometheus.example", isExpired: true), "right", authority)
            + Job("stranger", stranger.SignClient("stranger", "prometheus.example"), "right", authority)
            + Job("server_not_believed", good, "right", stranger);
        var configuration = folder.Write("prometheus.yml", jobs);
        var prometheus = exporter.Netns.Start(
            new(
                program,
                [
                    $"--config.file={configuration}",
                    $"--storage.tsdb.path={folder.PathOf("prometheus")}",
                    "--web.listen-address=127.0.0.1:9090",
                ]
            )
            {
                RedirectStandardError = true,
            }
        );
        var log = prometheus.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        using var client = exporter.Netns.HttpClient();
        async Task<Dictionary<string, (string Health, string Error)>> TargetsAsync()
        {
            var text = await client.GetStringAsync(
                "http://127.0.0.1:9090/api/v1/targets",
                TestContext.Current.CancellationToken
            );
            using var json = JsonDocument.Parse(text);
            return json
                .RootElement.GetProperty("data")
                .GetProperty("activeTargets")
                .EnumerateArray()
                .ToDictionary(
                    static target => target.GetProperty("labels").GetProperty("job").GetString()!,
                    static target =>
                        (target.GetProperty("health").GetString()!, target.GetProperty("lastError").GetString()!)
                );
        }

        var targets = new Dictionary<string, (string Health, string Error)>();
        await Polling.UntilAsync("every target was scraped", async () =>
        {
            Assert.False(prometheus.HasExited, prometheus.HasExited ? await log : "");
            targets = await TargetsAsync();
            return targets.Count == 8 && targets.Values.All(static target => target.Health != "unknown");
        });
        foreach (var (job, target) in targets)
            output.WriteLine($"{job}: {target}");

        Assert.Equal(
            ["right"],
            targets.Where(static target => target.Value.Health == "up").Select(static target => target.Key)
        );
        Assert.Contains("401", targets["wrong_password"].Error, StringComparison.Ordinal);
        Assert.Contains("401", targets["no_password"].Error, StringComparison.Ordinal);
        foreach (var job in (string[])["no_certificate", "wrong_name", "expired", "stranger"])
            Assert.DoesNotContain("HTTP status", targets[job].Error, StringComparison.Ordinal);
        Assert.Contains("unknown authority", targets["server_not_believed"].Error, StringComparison.Ordinal);

        // Another job has no connection yet: open connections stay.
        authority.SignServer("server", isExpired: true);
        await Polling.UntilAsync("the exporter reads it", async () =>
        {
            await TargetsAsync();
            return exporter.Log.Contains("clients will refuse it", StringComparison.Ordinal);
        });
        folder.Write("prometheus.yml", jobs + Job("fresh", good, "right", authority));
        exporter.Netns.Command("kill", "-HUP", $"{prometheus.Id}");
        await Polling.UntilAsync("the expired certificate is seen", async () =>
            (await TargetsAsync()).TryGetValue("fresh", out var fresh)
            && fresh.Error.Contains("expired", StringComparison.Ordinal)
        );
        authority.SignServer("server");
        await Polling.UntilAsync("the renewed one is", async () => (await TargetsAsync())["fresh"].Health == "up");
        authority.Dispose();
        stranger.Dispose();
    }

    [Theory]
    [InlineData("", SslProtocols.Tls12 | SslProtocols.Tls13, SslProtocols.Tls13)]
    [InlineData("  max_version: TLS12", SslProtocols.Tls12 | SslProtocols.Tls13, SslProtocols.Tls12)]
    [InlineData("  max_version: TLS12", SslProtocols.Tls13, null)]
    [InlineData("  min_version: TLS13", SslProtocols.Tls12, null)]
    [InlineData(
        "  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]",
        SslProtocols.Tls12,
        SslProtocols.Tls12,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
    )]
    [InlineData(
        "  cipher_suites: [TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305]",
        SslProtocols.Tls12,
        SslProtocols.Tls12,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
    )]
    [InlineData("  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]", SslProtocols.Tls13, SslProtocols.Tls13)]
    [InlineData("  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]", SslProtocols.Tls12, null)]
    public async Task Versions_and_cipher_suites_are_those_of_the_file(
        string lines,
        SslProtocols offered,
        SslProtocols? expected,
        TlsCipherSuite? suite = null
    )
    {
        using var exporter = await StartAsync(lines);

        using var socket = exporter.Netns.Run(static () =>
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        );
        await socket.ConnectAsync(GuardedExporter.Endpoint, TestContext.Current.CancellationToken);
        await using var tls = new SslStream(new NetworkStream(socket));
        var handshake = tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "127.0.0.1",
                EnabledSslProtocols = offered,
                CipherSuitesPolicy = suite is { } wanted ? new([wanted]) : null,
#pragma warning disable CA5359 // The test needs only the server's choice.
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
            },
            TestContext.Current.CancellationToken
        );

        if (expected is null)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => handshake);
            return;
        }

        await handshake;
        Assert.Equal(expected, tls.SslProtocol);
        if (suite is not null)
            Assert.Equal(suite, tls.NegotiatedCipherSuite);
    }

    [Theory]
    [InlineData("", 2)]
    [InlineData("http_server_config: {http2: false}", 1)]
    public async Task HTTP_2_is_spoken_unless_it_is_switched_off(string lines, int major)
    {
        TestAuthority authority = null!;
        using var exporter = await GuardedExporter.StartAsync(folder =>
        {
            authority = new(folder);
            authority.SignServer("server");
            return $"tls_server_config: {{cert_file: server.crt, key_file: server.key}}\n{lines}\n";
        });
        using var client = exporter.Client(authority);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/healthz")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(major, answer.Version.Major);
        authority.Dispose();
    }

    [Theory]
    [InlineData("RequestClientCert", true, true, true)]
    [InlineData("RequireAnyClientCert", true, true, false)]
    [InlineData("VerifyClientCertIfGiven", true, false, true)]
    [InlineData("RequireAndVerifyClientCert", true, false, false)]
    public async Task Each_type_of_client_authentication_lets_in_whom_its_name_says(
        string type,
        bool letsSignedIn,
        bool letsSelfMadeIn,
        bool letsNoneIn
    )
    {
        TestAuthority authority = null!,
            stranger = null!;
        using var exporter = await GuardedExporter.StartAsync(folder =>
        {
            authority = new(folder);
            stranger = new(folder);
            var (certificate, key) = authority.SignServer("server");

            // The certificates are inline, as the format allows.
            return $"tls_server_config:\n  client_auth_type: {type}\n  cert: |\n{Indented(certificate)}\n  key: "
                + $"|\n{Indented(key)}\n  client_ca: |\n{Indented(authority.File)}\n";
        });

        Assert.Equal(
            letsSignedIn,
            await IsLetInAsync(exporter, authority, authority.SignClient("signed", "a.example"))
        );
        Assert.Equal(
            letsSelfMadeIn,
            await IsLetInAsync(exporter, authority, stranger.SignClient("self-made", "a.example"))
        );
        Assert.Equal(letsNoneIn, await IsLetInAsync(exporter, authority, null));
        authority.Dispose();
        stranger.Dispose();

        static string Indented(string file) =>
            string.Join('\n', File.ReadLines(file).Select(static line => "    " + line));
    }

    /// <summary>Any certificate in client_ca_file is trusted, as in Go, even if its issuer is unknown.</summary>
    [Fact]
    public async Task The_signer_of_clients_need_not_be_a_root()
    {
        TestAuthority root = null!,
            below = null!,
            beside = null!,
            impostor = null!;
        using var exporter = await GuardedExporter.StartAsync(folder =>
        {
            root = new(folder);
            (below, beside, impostor) = (new(folder, root), new(folder, root), new(folder, new(folder)));
            root.SignServer("server");
            return $"""
                tls_server_config:
                  cert_file: server.crt
                  key_file: server.key
                  client_auth_type: RequireAndVerifyClientCert
                  client_ca_file: {Path.GetFileName(below.File)}
                """;
        });

        Assert.True(await IsLetInAsync(exporter, root, below.SignClient("signed", "a.example")));
        Assert.False(await IsLetInAsync(exporter, root, below.SignClient("late", "a.example", isExpired: true)));
        Assert.False(await IsLetInAsync(exporter, root, root.SignClient("by-root", "a.example")));

        // These have the same name as the right authority, but another key. One is signed by the same root, one by
        // another root of that name.
        Assert.False(await IsLetInAsync(exporter, root, beside.SignClient("beside", "a.example")));
        Assert.False(
            await IsLetInAsync(exporter, root, beside.SignClient("beside-with-chain", "a.example"), beside, root)
        );
        Assert.False(await IsLetInAsync(exporter, root, impostor.SignClient("impostor", "a.example")));
        Assert.False(
            await IsLetInAsync(exporter, root, impostor.SignClient("impostor-with-chain", "a.example"), impostor)
        );

        // The purpose of the certificate still counts, and additional issuers in the chain make no difference.
        Assert.False(await IsLetInAsync(exporter, root, below.SignServer("no-client")));
        Assert.True(
            await IsLetInAsync(exporter, root, below.SignClient("signed-with-chain", "a.example"), below, root)
        );
        foreach (var authority in (TestAuthority[])[root, below, beside, impostor])
            authority.Dispose();
    }

    static async Task<bool> IsLetInAsync(
        GuardedExporter exporter,
        TestAuthority believed,
        (string Certificate, string Key)? certificate,
        params TestAuthority[] sent
    )
    {
        using var client = exporter.Client(believed, certificate, sent);
        try
        {
            return await GuardedExporter.AskAsync(client, "/healthz") == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    [Fact]
    public async Task Silence_after_the_handshake_is_cut_off()
    {
        using var exporter = await StartAsync("");
        using var late = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        late.CancelAfter(TimeSpan.FromSeconds(30));
        using var socket = exporter.Netns.Run(static () =>
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        );
        await socket.ConnectAsync(GuardedExporter.Endpoint, late.Token);
#pragma warning disable CA5359 // The test needs only the moment of the disconnect.
        await using var tls = new SslStream(
            new NetworkStream(socket),
            leaveInnerStreamOpen: false,
            static (_, _, _, _) => true
        );
#pragma warning restore CA5359
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "127.0.0.1" },
            late.Token
        );

        Assert.Equal(0, await tls.ReadAsync(new byte[1], late.Token));
    }

    static Task<GuardedExporter> StartAsync(string lines) =>
        GuardedExporter.StartAsync(folder =>
        {
            using var authority = new TestAuthority(folder);
            authority.SignServer("server");
            return $"tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n{lines}\n";
        });
}
