using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;

namespace OpenClaw.KernelTests;

/// <summary>
/// Pictures of the usual troubles in both themes and three widths, from recorded pages. They are kept in
/// artifacts/screenshots for people. Checked are the contrast, the width and the place of the first command.
/// </summary>
public sealed class StatusPagePictureTests(SharedChromium shared) : IClassFixture<SharedChromium>
{
    /// <summary>The height of the picture that people see before they scroll.</summary>
    const int Fold = 760;

    /// <summary>
    /// Returns each text with too little contrast to what is behind it: WCAG 2.2 demands 4.5 to 1, and 3 to 1 for large
    /// text.
    /// </summary>
    const string Faint = """
        () => {
          const parse = (colour) => colour.match(/[\d.]+/g).map(Number);
          const luminance = ([r, g, b]) => {
            const [x, y, z] = [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
            return 0.2126 * x + 0.7152 * y + 0.0722 * z;
          };
          const behind = (element) => {
            for (let at = element; at; at = at.parentElement) {
              const colour = parse(getComputedStyle(at).backgroundColor);
              if (colour.length === 3 || colour[3] > 0) return colour;
            }
            return [255, 255, 255];
          };
          const faint = [];
          let texts = 0;
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const element = walker.currentNode.parentElement;
            if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
            texts++;
            const style = getComputedStyle(element);
            const [one, other] = [luminance(parse(style.color)), luminance(behind(element))];
            const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
            const size = parseFloat(style.fontSize);
            const least = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
            if (ratio < least) faint.push(`${ratio.toFixed(2)}: ${walker.currentNode.data.trim().slice(0, 60)}`);
          }
          return { texts, faint };
        }
        """;

    /// <summary>
    /// Returns each place where a line of text ends inside a number or word, although the line has a space where it
    /// could have ended. In commands, that may also be before an equals sign, or before a dot with a letter behind it.
    /// </summary>
    const string Torn = """
        () => {
          const torn = [];
          const walker = document.createTreeWalker(document.getElementById('page'), NodeFilter.SHOW_TEXT);
          let element = null, line = '', top = null;
          while (walker.nextNode()) {
            const node = walker.currentNode;
            const within = node.parentElement.closest('code, p, li, td, th, h1, h2, h3, summary');
            if (!within?.checkVisibility() || within.closest('.unseen')) continue;
            if (within !== element) [element, line, top] = [within, '', null];
            for (let i = 0; i < node.length; i++) {
              const range = document.createRange();
              range.setStart(node, i);
              range.setEnd(node, i + 1);
              const box = range.getClientRects()[0];
              if (!box || box.width === 0) { line += node.data[i]; continue; }
              if (top !== null && box.top > top + box.height / 2) {
                const isInside = /\w$/.test(line) && /\w/.test(node.data[i]);
                const place = within.tagName === 'CODE' ? / |.=|.\.[a-z]/i : / /;
                if (isInside && place.test(line.trim())) torn.push(`${line}|${node.data.slice(i, i + 20)}`);
                line = '';
              }
              top = box.top;
              line += node.data[i];
            }
          }
          return torn;
        }
        """;

    /// <summary>Returns each violation with its element.</summary>
    const string Violations = """
        async () => (await axe.run(document, { resultTypes: ['violations'] })).violations.flatMap((violation) =>
          violation.nodes.map((node) => `${violation.id}: ${node.target}: ${node.failureSummary}`))
        """;

    /// <summary>The recorded pages of the usual troubles, and whether the first one fits the screen.</summary>
    public static TheoryData<string, bool> Troubles =>
        new()
        {
            { "quiet", true },
            { "full-ephemeral_connect_ports", true },
            { "full-ephemeral_bind_ports", true },
            { "full-process_file_descriptors", true },
            { "full-system_file_descriptors", true },
            { "full-conntrack_entries", true },
            { "full-time_wait_sockets", true },
            { "full-orphan_sockets", true },
            { "full-tcp_memory_bytes", true },
            { "full-neighbour_entries", true },
            { "full-accept_queue_connections", true },
            { "pool-grows", true },
            { "not-permitted", false },
            { "all-pools-full", false },
        };

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task A_trouble_is_readable_in_both_themes_at_each_width(string name, bool fits)
    {
        foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            var page = await OpenAsync(name, scheme);
            foreach (var width in (int[])[1600, 1000, 380])
            {
                await page.SetViewportSizeAsync(width, Fold);
                var contrast = await page.EvaluateAsync<JsonElement>(Faint);
                Assert.InRange(contrast.GetProperty("texts").GetInt32(), 50, 5000);
                Assert.Empty(contrast.GetProperty("faint").EnumerateArray().Select(static text => text.GetString()));
                Assert.True(
                    await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"),
                    $"it scrolls sideways at {width}"
                );
                Assert.Empty(await page.EvaluateAsync<string[]>(Torn));
                if (fits && width == 1600)
                {
                    var height = await page.EvaluateAsync<int>("document.documentElement.scrollHeight");
                    Assert.InRange(height, 300, Fold);
                }

                if (await page.QuerySelectorAsync(".todo li") is { } first)
                {
                    // The first command, or the first step where no command helps.
                    var shown = await first.QuerySelectorAsync("code") ?? first;
                    var box = await shown.BoundingBoxAsync();
                    Assert.InRange(box!.Y + Math.Min(box.Height, 60), 100, Fold);
                }

                var file = string.Create(CultureInfo.InvariantCulture, $"trouble-{name}-{scheme}-{width}.png");
                await page.ScreenshotAsync(
                    new() { Path = Repository.PathOf($"artifacts/screenshots/{file.ToLowerInvariant()}") }
                );
            }

            await page.Context.CloseAsync();
        }
    }

    /// <summary>All rules of axe-core count, in both themes and at both ends of the widths.</summary>
    [Theory]
    [Trait("Package", "axe-core")]
    [InlineData("quiet")]
    [InlineData("full-ephemeral_connect_ports")]
    [InlineData("full-process_file_descriptors")]
    [InlineData("pool-grows")]
    [InlineData("not-permitted")]
    [InlineData("all-pools-full")]
    public async Task Axe_finds_no_violation(string name)
    {
        var axe = await File.ReadAllTextAsync(
            Repository.PathOf("artifacts/axe/node_modules/axe-core/axe.min.js"),
            TestContext.Current.CancellationToken
        );
        foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            var page = await OpenAsync(name, scheme);
            await page.EvaluateAsync(axe);
            foreach (var width in (int[])[1600, 380])
            {
                await page.SetViewportSizeAsync(width, Fold);
                Assert.Empty(await page.EvaluateAsync<string[]>(Violations));
            }

            await page.Context.CloseAsync();
        }
    }

    async Task<IPage> OpenAsync(string name, ColorScheme scheme)
    {
        var context = await shared.Browser.NewContextAsync(new() { ColorScheme = scheme });
        var page = await context.NewPageAsync();
        await page.RouteAsync("**/*", route => AnswerAsync(route, name));
        await page.GotoAsync("http://page.test/");
        return page;
    }

    /// <summary>Answers from the files of the repository. No request leaves the browser.</summary>
    static Task AnswerAsync(IRoute route, string name)
    {
        var path = new Uri(route.Request.Url).AbsolutePath;
        var (file, type) = path switch
        {
            "/" => ($"tests/OpenClaw.Exporter.Tests/Recorded/golden/{name}.html.txt", "text/html; charset=utf-8"),
            "/assets/page.css" => ("src/OpenClaw.Exporter/Status/page.css", "text/css"),
            _ => ("", ""),
        };
        return file.Length == 0
            ? route.AbortAsync()
            : route.FulfillAsync(new() { Path = Repository.PathOf(file), ContentType = type });
    }
}

/// <summary>A browser for all tests of a class: its start takes longer than a picture.</summary>
public sealed class SharedChromium : IAsyncLifetime
{
    Chromium _chromium = null!;

    /// <summary>The browser.</summary>
    public IBrowser Browser => _chromium.Browser;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => _chromium = await Chromium.LaunchAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_chromium is not null)
            await _chromium.DisposeAsync();
    }
}
