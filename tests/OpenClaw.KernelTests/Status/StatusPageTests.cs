using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace OpenClaw.KernelTests;

/// <summary>The status page in a real browser, while a real namespace has free, scarce and no ports.</summary>
public sealed class StatusPageTests : IAsyncLifetime
{
    const int Ports = 40;

    readonly List<RawSocket> _open = [];
    readonly List<string> _complaints = [];
    PrivateNamespace _netns = null!;
    PublishedExporter _exporter = null!;
    NamespaceRelay _relay = null!;
    Chromium _chromium = null!;

    public async ValueTask InitializeAsync()
    {
        _netns = new();
        _netns.Sysctl(
            "net.ipv4.ip_local_port_range",
            string.Create(CultureInfo.InvariantCulture, $"40000 {40000 + Ports - 1}")
        );
        _exporter = await PublishedExporter.StartAsync(
            _netns,
            "--sampling.max-age=2s",
            "--no-probe",
            "--no-collector.kernel_log",
            "--no-collector.softnet",
            "--no-collector.processes"
        );
        _relay = new(_netns, PublishedExporter.Port);
        _chromium = await Chromium.LaunchAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_chromium is not null)
            await _chromium.DisposeAsync();
        _relay?.Dispose();
        _exporter?.Dispose();
        foreach (var socket in _open)
            socket.Dispose();
        _netns?.Dispose();
    }

    [Theory]
    [InlineData(0, "ok")]
    [InlineData(0.8, "warning")]
    [InlineData(1, "critical")]
    public async Task It_shows_what_the_JSON_says_in_light_and_dark(double ratio, string condition)
    {
        Use(ratio);
        foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            var page = await OpenAsync(
                new()
                {
                    ColorScheme = scheme,
                    ViewportSize = new() { Width = 1000, Height = 900 },
                }
            );
            var json = await OfSameSnapshotAsync(page, condition);

            Assert.Equal(condition, await page.TextContentAsync(".condition"));
            Assert.Equal(condition, json.GetProperty("condition").GetString());
            foreach (var pool in (string[])["ephemeral_bind_ports", "conntrack_entries", "time_wait_sockets"])
            {
                var worst = json.GetProperty("pools")
                    .EnumerateArray()
                    .First(level => level.GetProperty("pool").GetString() == pool);
                var amount = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{worst.GetProperty("used").GetDouble():N0} of {worst.GetProperty("limit").GetDouble():N0}"
                );
                Assert.Equal(amount, await page.TextContentAsync($"[data-pool={pool}] td"));
            }

            Assert.Equal(
                json.GetProperty("tcp_sockets").GetProperty("listen").ToString(),
                await page.TextContentAsync("[data-state=listen] td")
            );
            await page.ScreenshotAsync(
                new()
                {
                    Path = Repository.PathOf(
                        $"artifacts/screenshots/status-{condition}-{scheme}.png".ToLowerInvariant()
                    ),
                    FullPage = true,
                }
            );
        }

        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task A_command_is_copied_with_the_mouse_and_reached_with_the_keyboard()
    {
        await ExhaustAsync();
        var page = await OpenAsync(new() { Permissions = ["clipboard-read", "clipboard-write"] });

        await page.ClickAsync(".command button");
        await page.WaitForSelectorAsync("text=Copied");
        Assert.Equal(
            await page.TextContentAsync(".command code"),
            await page.EvaluateAsync<string>("navigator.clipboard.readText()")
        );

        Assert.Equal("Copied", await page.TextContentAsync("#said"));

        // The page keeps refreshing, and the keyboard focus stays where it was.
        var name = await page.EvaluateAsync<string>("document.activeElement.getAttribute('aria-label')");
        Assert.StartsWith("Copy sysctl", name, StringComparison.Ordinal);
        await RefreshedAsync(page);
        Assert.Equal(name, await page.EvaluateAsync<string>("document.activeElement.getAttribute('aria-label')"));
        Assert.Equal("Copied", await page.TextContentAsync("#said"));

        await page.ReloadAsync();
        var reached = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            reached.Add(await page.EvaluateAsync<string>("document.activeElement.textContent"));
        }

        Assert.Equal(["pause", "JSON", "plain text", "metrics", "Copy"], reached);
        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task It_says_how_old_it_is_waits_when_told_and_says_when_it_cannot_refresh()
    {
        var page = await OpenAsync(new());
        await page.ClickAsync("#pause");
        var shown = await page.GetAttributeAsync("time", "datetime");
        await UntilAsync(async () =>
            Regex.IsMatch(await page.TextContentAsync("#age") ?? "", "^paused, as of ([7-9]|1[0-9]) s ago$")
        );
        Assert.Equal(shown, await page.GetAttributeAsync("time", "datetime"));

        await page.ClickAsync("#pause");
        await RefreshedAsync(page);
        Assert.Equal("live, every 1 s", await page.TextContentAsync("#age"));
        Assert.Empty(_complaints);

        await page.RouteAsync("**/*", static route => route.FulfillAsync(new() { Status = 503 }));
        await page.WaitForSelectorAsync(
            "text=Cannot refresh: the exporter answers 503, as of",
            new() { Timeout = 20_000 }
        );
        await page.UnrouteAllAsync();
        await page.RouteAsync("**/*", static route => route.AbortAsync());
        await page.WaitForSelectorAsync(
            "text=Cannot refresh: the exporter cannot be reached, as of",
            new() { Timeout = 20_000 }
        );
        await page.ScreenshotAsync(new() { Path = Repository.PathOf("artifacts/screenshots/status-stale.png") });
        await page.UnrouteAllAsync();
        await RefreshedAsync(page);
        Assert.False(await page.EvaluateAsync<bool>("document.querySelector('aside').classList.contains('stale')"));
    }

    [Fact]
    public async Task It_fits_a_telephone_and_does_without_scripts()
    {
        await ExhaustAsync();
        var page = await OpenAsync(
            new()
            {
                ViewportSize = new() { Width = 380, Height = 800 },
            }
        );
        Assert.True(
            await page.EvaluateAsync<bool>(
                "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            ),
            "it scrolls sideways"
        );
        var command = await page.EvaluateAsync<double>(
            "document.querySelector('.command code').getBoundingClientRect().bottom"
        );
        Assert.InRange(command, 100, 760);
        await page.ScreenshotAsync(
            new() { Path = Repository.PathOf("artifacts/screenshots/status-critical-380.png"), FullPage = true }
        );

        var plain = await OpenAsync(new() { JavaScriptEnabled = false });
        Assert.Contains("ports to 127.0.0.1:8443", await plain.TextContentAsync("h1"), StringComparison.Ordinal);
        Assert.False(await plain.IsVisibleAsync("#pause"));
        Assert.False(await plain.IsVisibleAsync(".command button"));
        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task It_refreshes_itself_and_is_small()
    {
        var page = await OpenAsync(new());
        Assert.Equal("ok", await page.TextContentAsync(".condition"));
        Use(1);
        await page.WaitForSelectorAsync("header.critical", new() { Timeout = 15_000 });

        var bytes = 0;
        foreach (var path in (string[])["/", "/assets/page.css", "/assets/page.js", "/assets/critical.svg"])
            bytes += (await _exporter.Client.GetByteArrayAsync(path, TestContext.Current.CancellationToken)).Length;
        Assert.InRange(bytes, 5_000, 60_000);
        Assert.Empty(_complaints);

        using var response = await _exporter.Client.GetAsync("/", TestContext.Current.CancellationToken);
        Assert.Equal(
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
                + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            Assert.Single(response.Headers.GetValues("Content-Security-Policy"))
        );
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        var html = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotMatch("<style|<script(?! src=)| style=| on[a-z]+=", html);
    }

    /// <summary>A healthy machine and one problem need no scrolling on a screen of 1600 x 760.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task It_fits_a_screen(double ratio)
    {
        if (ratio > 0)
            await ExhaustAsync();
        var page = await OpenAsync(
            new()
            {
                ViewportSize = new() { Width = 1600, Height = 760 },
            }
        );
        await RefreshedAsync(page);

        Assert.InRange(await page.EvaluateAsync<int>("document.documentElement.scrollHeight"), 300, 760);
        foreach (var width in (int[])[1280, 1000, 640, 380])
        {
            await page.SetViewportSizeAsync(width, 760);
            Assert.True(
                await page.EvaluateAsync<bool>(
                    "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
                ),
                $"it scrolls sideways at {width}"
            );
        }

        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task Programs_get_the_text_and_browsers_the_page()
    {
        var url = "http://127.0.0.1:" + PublishedExporter.Port.ToString(CultureInfo.InvariantCulture);

        var text = _netns.Command("curl", "-sS", url);

        Assert.StartsWith("OK: No network resource is near its limit", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<", text, StringComparison.Ordinal);
        Assert.StartsWith(
            "OK: ",
            _netns.Command("curl", "-sS", url + "/api/v1/diagnosis/text"),
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "<!doctype html>",
            _netns.Command("curl", "-sS", "-H", "Accept: text/html,*/*;q=0.8", url),
            StringComparison.Ordinal
        );
        var icon = _netns.Command("curl", "-sS", "-o", "/dev/null", "-w", "%{content_type}", url + "/assets/ok.svg");
        Assert.Equal("image/svg+xml", icon);
    }

    /// <summary>Waits until the page shows another snapshot.</summary>
    static async Task RefreshedAsync(IPage page)
    {
        var shown = await page.GetAttributeAsync("time", "datetime");
        await UntilAsync(async () => await page.GetAttributeAsync("time", "datetime") != shown);
    }

    /// <summary>
    /// Polls from outside: the page's policy forbids the evaluation that a wait inside the page needs.
    /// </summary>
    static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(
                System.Diagnostics.Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30),
                "it does not happen"
            );
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The JSON of the snapshot on the page, once its condition is as given.</summary>
    async Task<JsonElement> OfSameSnapshotAsync(IPage page, string condition)
    {
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        while (true)
        {
            Assert.True(
                System.Diagnostics.Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60),
                $"it does not come to {condition}"
            );
            await page.ClickAsync("#pause");
            var json = JsonDocument
                .Parse(
                    await _exporter.Client.GetStringAsync("/api/v1/diagnosis", TestContext.Current.CancellationToken)
                )
                .RootElement;
            var shown = await page.GetAttributeAsync("time", "datetime");
            if (
                json.GetProperty("condition").GetString() == condition
                && json.GetProperty("time").GetDateTimeOffset()
                    == DateTimeOffset.Parse(shown!, CultureInfo.InvariantCulture)
            )
            {
                return json;
            }

            await page.ReloadAsync();
        }
    }

    async Task<IPage> OpenAsync(BrowserNewContextOptions options)
    {
        var context = await _chromium.Browser.NewContextAsync(options);
        var page = await context.NewPageAsync();

        // A breach of the Content-Security-Policy is logged as an error, too.
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                _complaints.Add(message.Text);
        };
        page.PageError += (_, error) => _complaints.Add(error);
        page.RequestFailed += (_, request) => _complaints.Add($"{request.Url}: {request.Failure}");
        await page.GotoAsync(_relay.Address);
        return page;
    }

    /// <summary>Uses every port and waits until no older snapshot is served.</summary>
    async Task ExhaustAsync()
    {
        Use(1);
        while (
            !(await _exporter.Client.GetStringAsync("/", TestContext.Current.CancellationToken)).Contains(
                "<header class=\"critical\">",
                StringComparison.Ordinal
            )
        )
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Connects until this share of the ports is used, including those of the relay itself.</summary>
    void Use(double ratio)
    {
        if (ratio == 0)
            return;
        var listener = _netns.Run(static () => RawSocket.Open(SocketType.Stream, false));
        _open.Add(listener);
        Assert.Equal(0, listener.Bind(IPAddress.Loopback, 8443));
        listener.Listen();
        for (var i = 0; i < (int)(ratio * Ports); i++)
        {
            var client = _netns.Run(static () => RawSocket.Open(SocketType.Stream, false));
            _open.Add(client);
            if (client.Connect(IPAddress.Loopback, 8443) == 0)
                _open.Add(listener.Accept());
        }
    }
}
