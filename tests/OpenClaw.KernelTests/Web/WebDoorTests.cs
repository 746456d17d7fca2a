using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OpenClaw.KernelTests;

/// <summary>The checks between a request and its answer, over real sockets.</summary>
public class WebDoorTests
{
    const string Everybody = "";

    /// <summary>The cost of 4 keeps the hash fast, since the tests are about something else.</summary>
    static readonly string Users = $"basic_auth_users:\n  alice: {BCrypt.Net.BCrypt.HashPassword("wonderland", 4)}\n";

    [Fact]
    public async Task Only_users_with_their_password_are_answered()
    {
        using var exporter = await GuardedExporter.StartAsync(static _ => Users);
        using var client = exporter.Client();

        Assert.Equal(HttpStatusCode.OK, await GuardedExporter.AskAsync(client, "/metrics", "alice", "wonderland"));
        Assert.Equal(HttpStatusCode.OK, await GuardedExporter.AskAsync(client, "/metrics", "alice", "wonderland"));
        foreach (
            var path in (string[])
                ["/metrics", "/", "/api/v1/diagnosis", "/api/v1/timeline", "/assets/page.js", "/healthz", "/nothing"]
        )
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await GuardedExporter.AskAsync(client, path));
            Assert.Equal(
                HttpStatusCode.Unauthorized,
                await GuardedExporter.AskAsync(client, path, "alice", "wonderlan")
            );
            Assert.Equal(HttpStatusCode.Unauthorized, await GuardedExporter.AskAsync(client, path, "alice", ""));
            Assert.Equal(
                HttpStatusCode.Unauthorized,
                await GuardedExporter.AskAsync(client, path, "bob", "wonderland")
            );
        }

        using var refused = await client.GetAsync("/", TestContext.Current.CancellationToken);
        Assert.StartsWith("Basic realm=", refused.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_credentials_take_equally_long_and_a_right_password_is_hashed_once()
    {
        using var exporter = await GuardedExporter.StartAsync(static _ =>
            $"basic_auth_users:\n  alice: {BCrypt.Net.BCrypt.HashPassword("wonderland", 11)}\n  carol: "
            + $"{BCrypt.Net.BCrypt.HashPassword("carol", 4)}\n"
        );
        using var client = exporter.Client();

        // In turn, so that other tests slow down all of them, and the shortest of each counts.
        var (wrong, unknown, cheap, right) = (
            TimeSpan.MaxValue,
            TimeSpan.MaxValue,
            TimeSpan.MaxValue,
            TimeSpan.MaxValue
        );
        for (var round = 0; round < 8; round++)
        {
            wrong = await ShorterAsync(wrong, "alice", "x", HttpStatusCode.Unauthorized);
            unknown = await ShorterAsync(unknown, "bob", "x", HttpStatusCode.Unauthorized);
            cheap = await ShorterAsync(cheap, "carol", "x", HttpStatusCode.Unauthorized);
            right = await ShorterAsync(right, "alice", "wonderland", HttpStatusCode.OK);
        }

        Assert.InRange(unknown / wrong, 0.5, 2);
        Assert.InRange(cheap / wrong, 0.5, 2);
        Assert.InRange(right / wrong, 0, 0.25);

        async Task<TimeSpan> ShorterAsync(TimeSpan shortest, string user, string password, HttpStatusCode expected)
        {
            var asking = Stopwatch.StartNew();
            Assert.Equal(expected, await GuardedExporter.AskAsync(client, "/healthz", user, password));
            return asking.Elapsed < shortest ? asking.Elapsed : shortest;
        }
    }

    [Fact]
    public async Task A_changed_file_holds_and_a_broken_one_does_not()
    {
        using var exporter = await GuardedExporter.StartAsync(static _ => Users);
        using var client = exporter.Client();

        exporter.Folder.Write("web.yml", "basic_auth_users:\n  alice: wonderland\n");
        await Polling.UntilAsync("the log says what is wrong", async () =>
        {
            Assert.Equal(HttpStatusCode.OK, await GuardedExporter.AskAsync(client, "/healthz", "alice", "wonderland"));
            Assert.Equal(HttpStatusCode.Unauthorized, await GuardedExporter.AskAsync(client, "/healthz"));
            return exporter.Log.Contains(
                "web.yml: line 2: expected the bcrypt hash of alice's password",
                StringComparison.Ordinal
            );
        });
        Assert.DoesNotContain("wonderland", exporter.Log, StringComparison.Ordinal);

        exporter.Folder.Write("web.yml", $"basic_auth_users:\n  bob: {BCrypt.Net.BCrypt.HashPassword("builder", 4)}\n");
        await Polling.UntilAsync("the new user is let in", async () =>
            await GuardedExporter.AskAsync(client, "/healthz", "bob", "builder") == HttpStatusCode.OK
        );
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            await GuardedExporter.AskAsync(client, "/healthz", "alice", "wonderland")
        );

        // The file is empty, as in the first moment of a rewrite in place, and then has no users.
        foreach (
            var (text, reason) in ((string, string)[])
                [("", "is empty"), ("basic_auth_users:\n", "expected users, as before, found none")]
        )
        {
            exporter.Folder.Write("web.yml", text);
            await Polling.UntilAsync("the log says why it does not hold", async () =>
            {
                Assert.Equal(HttpStatusCode.Unauthorized, await GuardedExporter.AskAsync(client, "/healthz"));
                return exporter.Log.Contains("web.yml: " + reason, StringComparison.Ordinal);
            });
        }

        File.Delete(exporter.Folder.PathOf("web.yml"));
        await Polling.UntilAsync("the log says that it is gone", async () =>
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await GuardedExporter.AskAsync(client, "/healthz"));
            return exporter.Log.Contains("web.yml: no such file", StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData(
        "basic_auth_user: {}\n",
        "web.yml: line 1: unknown key 'basic_auth_user', did you mean 'basic_auth_users'?",
        65
    )]
    [InlineData("tls_server_config:\n  cert_file: none.crt\n  key_file: none.key\n", "web.yml: line 2: cert_file ", 66)]
    [InlineData(null, "web.yml: no such file", 66)]
    public async Task A_broken_file_at_the_start_is_one_line(string? text, string expected, int code)
    {
        using var netns = new PrivateNamespace();
        using var folder = new TemporaryFolder();
        if (text is not null)
            folder.Write("web.yml", text);

        var (exit, errors) = await FailAsync(netns, $"--web.config.file={folder.PathOf("web.yml")}");

        Assert.Equal(code, exit);
        Assert.Contains(expected, Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_systemd_there_are_no_sockets_of_its()
    {
        using var netns = new PrivateNamespace();

        var (exit, errors) = await FailAsync(netns, "--web.systemd-socket");

        Assert.Equal(64, exit);
        Assert.Contains(
            "--web.systemd-socket: expected sockets from systemd",
            Assert.Single(errors),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Requests_beyond_the_rate_are_refused()
    {
        using var exporter = await GuardedExporter.StartAsync(static _ => "rate_limit:\n  interval: 1h\n  burst: 3\n");
        using var client = exporter.Client();

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.OK, await GuardedExporter.AskAsync(client, "/healthz"));
            Assert.Equal(HttpStatusCode.OK, await GuardedExporter.AskAsync(client, "/metrics"));
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, await GuardedExporter.AskAsync(client, "/metrics"));

        // /healthz is exempt from the rate, but not with a password: a client could try passwords there.
        Assert.Equal(HttpStatusCode.OK, await GuardedExporter.AskAsync(client, "/healthz"));
        Assert.Equal(
            HttpStatusCode.TooManyRequests,
            await GuardedExporter.AskAsync(client, "/healthz", "alice", "guess")
        );
    }

    [Fact]
    public async Task Requests_beyond_the_number_are_refused_while_the_others_are_answered()
    {
        using var slow = new SlowProc();
        using var exporter = await GuardedExporter.StartAsync(
            static _ => Everybody,
            "--web.max-requests=1",
            $"--path.procfs={slow.Root}"
        );
        using var client = exporter.Client();

        var answer = SlowProc.ScrapeAsync(client);
        await Polling.UntilAsync("one is being answered", async () =>
            await GuardedExporter.AskAsync(client, "/nothing") == HttpStatusCode.ServiceUnavailable
        );

        Assert.Contains("openclaw_network_exporter_build_info", await answer, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await GuardedExporter.AskAsync(client, "/healthz"));
    }

    [Fact]
    public async Task A_request_is_answered_although_the_exporter_is_told_to_end()
    {
        using var slow = new SlowProc();
        using var exporter = await GuardedExporter.StartAsync(
            static _ => Everybody,
            "--web.max-requests=1",
            $"--path.procfs={slow.Root}"
        );
        using var client = exporter.Client();

        var answer = SlowProc.ScrapeAsync(client, timeout: 1);
        await Polling.UntilAsync("it is being answered", async () =>
            await GuardedExporter.AskAsync(client, "/nothing") == HttpStatusCode.ServiceUnavailable
        );
        exporter.Netns.Command("kill", "-TERM", $"{exporter.Process.Id}");

        Assert.Contains("openclaw_network_exporter_build_info", await answer, StringComparison.Ordinal);
        await Polling.UntilAsync("it has ended", () => Task.FromResult(exporter.Process.HasExited));
        Assert.Equal(0, exporter.Process.ExitCode);
    }

    [Theory]
    [InlineData("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 413 ")]
    [InlineData("GET /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 413 ")]
    [InlineData("GET /metrics HTTP/1.1\r\nHost: x\r\nX: {20000}\r\n\r\n", "HTTP/1.1 431 ")]
    [InlineData("GET /{20000} HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 414 ")]
    [InlineData("NONSENSE\r\n\r\n", "HTTP/1.1 400 ")]
    public async Task Requests_that_no_scraper_sends_are_refused(string request, string status)
    {
        using var exporter = await GuardedExporter.StartAsync(static _ => Everybody);

        var answer = await SendAsync(
            exporter,
            request.Replace("{20000}", new string('x', 20_000), StringComparison.Ordinal)
        );

        Assert.StartsWith(status, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_a_request_is_cut_off()
    {
        using var exporter = await GuardedExporter.StartAsync(static _ => Everybody);

        var waiting = Stopwatch.StartNew();
        var answer = await SendAsync(exporter, "GET /metrics HTTP/1.1\r\nHost: x\r\n");

        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.InRange(waiting.Elapsed, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(20));
    }

    /// <summary>
    /// The limit applies only before the first request: a scraper keeps its connection for a minute or more.
    /// </summary>
    [Fact]
    public async Task Silence_is_cut_off_and_a_connection_between_two_scrapes_is_not()
    {
        using var exporter = await GuardedExporter.StartAsync(static _ => Everybody);
        using var scraper = exporter.Netns.Run(static () =>
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        );
        await scraper.ConnectAsync(GuardedExporter.Endpoint, TestContext.Current.CancellationToken);
        var buffer = new byte[4096];
        async Task<string> ScrapeAsync()
        {
            await scraper.SendAsync(
                "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(),
                TestContext.Current.CancellationToken
            );
            return Encoding.ASCII.GetString(
                buffer,
                0,
                await scraper.ReceiveAsync(buffer, TestContext.Current.CancellationToken)
            );
        }

        Assert.StartsWith("HTTP/1.1 200 ", await ScrapeAsync(), StringComparison.Ordinal);
        var waiting = Stopwatch.StartNew();
        Assert.Equal("", await SendAsync(exporter, ""));
        Assert.InRange(waiting.Elapsed, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(20));
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        Assert.StartsWith("HTTP/1.1 200 ", await ScrapeAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/", "text/plain; charset=utf-8")]
    [InlineData("/api/v1/diagnosis/text", "text/plain; charset=utf-8")]
    [InlineData("/assets/ok.svg", "image/svg+xml")]
    [InlineData("/m/x", "text/plain; version=0.0.4; charset=utf-8")]
    [InlineData("/healthz", null)]
    [InlineData("/readyz", null)]
    [InlineData("/api/v1/diagnosis", "application/json; charset=utf-8")]
    public async Task A_HEAD_request_gets_the_head(string path, string? type)
    {
        using var exporter = await GuardedExporter.StartAsync(static _ => Everybody, "--web.telemetry-path=/m/x");
        using var client = exporter.Client();
        using var request = new HttpRequestMessage(HttpMethod.Head, path);

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        Assert.Contains(
            "<a href=\"m/x\">metrics</a>",
            await client.GetStringAsync("/", TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }

    /// <summary>Many answers are needed: a single one would fit into the kernel's buffers.</summary>
    [Fact]
    public async Task A_client_that_does_not_read_the_answer_is_cut_off()
    {
        using var exporter = await GuardedExporter.StartAsync(static _ => Everybody);
        exporter.Netns.Sysctl("net.ipv4.tcp_wmem", "4096 16384 16384");
        string Connections() =>
            exporter.Netns.Command(
                "ss",
                "-Htn",
                "state",
                "established",
                "sport",
                "=",
                $":{GuardedExporter.Endpoint.Port}"
            );
        using var socket = exporter.Netns.Run(static () =>
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 1024 }
        );
        await socket.ConnectAsync(GuardedExporter.Endpoint, TestContext.Current.CancellationToken);
        var requests = string.Concat(Enumerable.Repeat("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 50));
        await socket.SendAsync(Encoding.ASCII.GetBytes(requests), TestContext.Current.CancellationToken);
        Assert.NotEmpty(Connections());

        await Polling.UntilAsync(
            "the connection is cut",
            () => Task.FromResult(Connections().Length == 0),
            TimeSpan.FromSeconds(60)
        );
    }

    [Fact]
    public async Task Guessing_passwords_does_not_keep_those_out_who_know_theirs()
    {
        using var exporter = await GuardedExporter.StartAsync(static _ =>
            $"basic_auth_users:\n  alice: {BCrypt.Net.BCrypt.HashPassword("wonderland", 10)}\n"
        );
        using var client = exporter.Client();
        Assert.Equal(HttpStatusCode.OK, await GuardedExporter.AskAsync(client, "/healthz", "alice", "wonderland"));

        var guesses = Enumerable
            .Range(0, 80)
            .Select(guess => GuardedExporter.AskAsync(client, "/healthz", "alice", $"guess {guess}"))
            .ToArray();
        await Polling.UntilAsync("one is refused", () =>
            Task.FromResult(guesses.Any(static guess => guess.IsCompleted))
        );
        Assert.Equal(HttpStatusCode.OK, await GuardedExporter.AskAsync(client, "/healthz", "alice", "wonderland"));
        Assert.Contains(guesses, static guess => !guess.IsCompleted);
        var answers = await Task.WhenAll(guesses);

        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.ServiceUnavailable], answers.Distinct().Order());
    }

    [Fact]
    public async Task Guessing_from_elsewhere_leaves_room_for_a_password_that_is_not_known_yet()
    {
        using var exporter = await GuardedExporter.StartAsync(static _ =>
            $"basic_auth_users:\n  alice: {BCrypt.Net.BCrypt.HashPassword("wonderland", 10)}\n"
        );
        using var client = exporter.Client();
        var guessers = Enumerable
            .Range(2, 8)
            .Select(number => exporter.Netns.HttpClient(source: IPAddress.Parse($"127.0.0.{number}")))
            .ToArray();
        foreach (var guesser in guessers)
            guesser.BaseAddress = client.BaseAddress;

        var guesses = guessers
            .SelectMany(static guesser =>
                Enumerable
                    .Range(0, 20)
                    .Select(guess => GuardedExporter.AskAsync(guesser, "/healthz", "alice", $"guess {guess}"))
            )
            .ToArray();
        await Polling.UntilAsync("one is refused", () =>
            Task.FromResult(guesses.Any(static guess => guess.IsCompleted))
        );
        Assert.Equal(HttpStatusCode.OK, await GuardedExporter.AskAsync(client, "/healthz", "alice", "wonderland"));
        var answers = await Task.WhenAll(guesses);

        Assert.Contains(HttpStatusCode.ServiceUnavailable, answers);
        foreach (var guesser in guessers)
            guesser.Dispose();
    }

    [Fact]
    public async Task It_serves_on_every_address_it_is_given()
    {
        using var exporter = await GuardedExporter.StartAsync(
            static _ => Everybody,
            "--web.listen-address=127.0.0.2:10088"
        );
        using var client = exporter.Client();

        Assert.Equal("ok\n", await client.GetStringAsync("/healthz", TestContext.Current.CancellationToken));
        Assert.Equal(
            "ok\n",
            await client.GetStringAsync("http://127.0.0.2:10088/healthz", TestContext.Current.CancellationToken)
        );
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/metrics")]
    [InlineData("/nothing")]
    public async Task Configured_headers_are_on_every_answer(string path)
    {
        using var exporter = await GuardedExporter.StartAsync(static _ =>
            "http_server_config:\n  headers:\n    X-Frame-Options: deny\n    Content-Security-Policy: "
            + "default-src 'self'\n"
        );
        using var client = exporter.Client();

        using var answer = await client.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(["deny"], answer.Headers.GetValues("X-Frame-Options"));
        Assert.Equal(["default-src 'self'"], answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Equal(["nosniff"], answer.Headers.GetValues("X-Content-Type-Options"));
    }

    /// <summary>Sends bytes and reads until the other side closes the connection, within a time limit.</summary>
    static async Task<string> SendAsync(GuardedExporter exporter, string request)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        late.CancelAfter(TimeSpan.FromSeconds(30));
        using var socket = exporter.Netns.Run(static () =>
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        );
        await socket.ConnectAsync(GuardedExporter.Endpoint, late.Token);
        await socket.SendAsync(Encoding.ASCII.GetBytes(request), late.Token);
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, late.Token) is > 0 and var length)
                answer.Append(Encoding.ASCII.GetString(buffer, 0, length));
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            // The server closed with part of the request unread; its answer came before.
        }

        return answer.ToString();
    }

    static async Task<(int Exit, string[] Errors)> FailAsync(PrivateNamespace netns, params string[] flags)
    {
        var exporter = netns.Start(new(Repository.PublishedExporter, flags) { RedirectStandardError = true });
        var errors = await exporter.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await exporter.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (exporter.ExitCode, errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
